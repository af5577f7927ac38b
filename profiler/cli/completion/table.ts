// SPDX-License-Identifier: MIT
// What the verbs and their options are, read from the option tables themselves.

import type { Command } from 'commander';

export interface CompletedOption {
  /** `--output`, `-o`. */
  readonly names: readonly string[];
  readonly text: string;
  readonly value: 'none' | 'file' | 'text';
  readonly choices: readonly string[];
}

export interface CompletedVerb {
  readonly name: string;
  readonly text: string;
  readonly options: readonly CompletedOption[];
  /** Words that its first argument can be. */
  readonly choices: readonly string[];
}

export function tableOf(program: Command): CompletedVerb[] {
  return program.commands.map((command) => ({
    name: command.name(),
    text: command.description(),
    choices: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
    options: command.options.map((option) => ({
      names: [option.long, option.short].filter((name) => name !== undefined && name !== null),
      text: option.description,
      value: !option.required && !option.optional ? 'none' : /<(file|path)/.test(option.flags) ? 'file' : 'text',
      choices: option.argChoices ?? [],
    })),
  }));
}
