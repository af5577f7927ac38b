// SPDX-License-Identifier: MIT
// The command tree. A new verb is a file in commands/ and a line here.

import { Command } from 'commander';
import { registerAttach } from './commands/attach.js';
import { registerBuild } from './commands/build.js';
import { registerDiff } from './commands/diff.js';
import { registerDoctor } from './commands/doctor.js';
import { registerExport } from './commands/export.js';
import { registerGdb } from './commands/gdb.js';
import { registerList } from './commands/list.js';
import { registerOpen } from './commands/open.js';
import { registerPs } from './commands/ps.js';
import { registerRecord } from './commands/record.js';
import { registerReport } from './commands/report.js';
import { registerRun } from './commands/run.js';
import { registerTop } from './commands/top.js';
import { registerValgrind } from './commands/valgrind.js';
import type { Context } from './context.js';
import { EXIT_TEXT } from './exit-codes.js';
import { version } from './version.js';

function exitTable(): string {
  return `\nExit codes:\n${Object.entries(EXIT_TEXT)
    .map(([code, text]) => `  ${code.padStart(3)}  ${text}`)
    .join('\n')}`;
}

export function createProgram(context: Context): Command {
  const program = new Command('dde-profile')
    .description('Runs any unmodified Linux PCI driver as an ordinary process and shows everything it does.')
    .version(version())
    .showHelpAfterError('(dde-profile --help shows the verbs, dde-profile VERB --help its options)')
    .addHelpText('after', exitTable());
  program.exitOverride();
  registerDoctor(program, context);
  registerList(program, context);
  registerBuild(program, context);
  registerRun(program, context);
  registerRecord(program, context);
  registerPs(program, context);
  registerAttach(program, context);
  registerTop(program, context);
  registerReport(program, context);
  registerDiff(program, context);
  registerExport(program, context);
  registerOpen(program, context);
  registerGdb(program, context);
  registerValgrind(program, context);
  // Subcommands do not inherit what was set after they were made.
  for (const command of program.commands) command.exitOverride().showHelpAfterError(true);
  for (const command of program.commands) command.showHelpAfterError('(see dde-profile VERB --help)');
  return program;
}
