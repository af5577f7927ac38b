// SPDX-License-Identifier: MIT
import { Argument, type Command } from 'commander';
import { type Shell, script, SHELLS } from '../completion/scripts.js';
import { tableOf } from '../completion/table.js';
import type { Context } from '../context.js';
import { createProgram } from '../program.js';

const EXAMPLES = `
Examples:
  eval "$(dde-profile completion bash)"                                  in ~/.bashrc
  dde-profile completion zsh > ~/.zfunc/_dde-profile                     with ~/.zfunc in fpath
  dde-profile completion fish > ~/.config/fish/completions/dde-profile.fish`;

export function registerCompletion(program: Command, context: Context): void {
  program
    .command('completion')
    .description('print a script that completes verbs and options in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices([...SHELLS]))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: Shell) => {
      process.stdout.write(script(shell, tableOf(await createProgram(context))));
    });
}
