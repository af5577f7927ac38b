// SPDX-License-Identifier: MIT
// --list: the names that a verb's options take, instead of the verb's work.

import { type Command, CommanderError } from 'commander';
import { printJson } from '../output.js';

export interface Listed {
  readonly name: string;
  readonly text?: string;
}

export type Lists = Readonly<Record<string, readonly Listed[]>>;

/** Thrown when the list is printed: nothing else is to be done. */
class ListDone extends CommanderError {
  constructor() {
    super(0, 'dde.list', '');
  }
}

function text(lists: Lists): string {
  return Object.entries(lists)
    .map(([title, rows]) => {
      const width = Math.max(...rows.map(({ name }) => name.length));
      const lines = rows.map((row) => `  ${row.name.padEnd(width)}  ${row.text ?? ''}`.trimEnd());
      return `${title}:\n${lines.join('\n')}\n`;
    })
    .join('\n');
}

/** `lists`: made when it is asked for. Works without the verb's arguments, as --help does. */
export function listOption(command: Command, what: string, lists: () => Lists): Command {
  return command.option('--list', `print the names of ${what}, and do nothing else`).on('option:list', () => {
    const found = lists();
    if (process.argv.includes('--json')) printJson(command.name(), { lists: found });
    else process.stdout.write(text(found));
    throw new ListDone();
  });
}
