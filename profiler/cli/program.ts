// SPDX-License-Identifier: MIT
// The command tree. A new verb is a file in commands/ and a line here.

import { Command } from 'commander';
import type { Context } from './context.js';
import { EXIT_TEXT } from './exit-codes.js';
import { version } from './version.js';

type Register = (program: Command, context: Context) => void;

/** In the order of --help. Each loads what it needs: all of them together take longer to load than a small report to make. */
export const VERBS: Readonly<Record<string, () => Promise<Register>>> = {
  doctor: async () => (await import('./commands/doctor.js')).registerDoctor,
  list: async () => (await import('./commands/list.js')).registerList,
  build: async () => (await import('./commands/build.js')).registerBuild,
  run: async () => (await import('./commands/run.js')).registerRun,
  record: async () => (await import('./commands/record.js')).registerRecord,
  ps: async () => (await import('./commands/ps.js')).registerPs,
  attach: async () => (await import('./commands/attach.js')).registerAttach,
  control: async () => (await import('./commands/control.js')).registerControl,
  top: async () => (await import('./commands/top.js')).registerTop,
  report: async () => (await import('./commands/report.js')).registerReport,
  events: async () => (await import('./commands/events.js')).registerEvents,
  diff: async () => (await import('./commands/diff.js')).registerDiff,
  export: async () => (await import('./commands/export.js')).registerExport,
  query: async () => (await import('./commands/query.js')).registerQuery,
  open: async () => (await import('./commands/open.js')).registerOpen,
  gdb: async () => (await import('./commands/gdb.js')).registerGdb,
  inspect: async () => (await import('./commands/inspect.js')).registerInspect,
  drgn: async () => (await import('./commands/drgn.js')).registerDrgn,
  check: async () => (await import('./commands/check.js')).registerCheck,
  valgrind: async () => (await import('./commands/valgrind.js')).registerValgrind,
};

function exitTable(): string {
  return `\nExit codes:\n${Object.entries(EXIT_TEXT)
    .map(([code, text]) => `  ${code.padStart(3)}  ${text}`)
    .join('\n')}`;
}

/** @param verb the first argument: when it is a verb, only that one is loaded; help and mistakes need all of them */
export async function createProgram(context: Context, verb?: string): Promise<Command> {
  const program = new Command('dde-profile')
    .description('Runs any unmodified Linux PCI driver as an ordinary process and shows everything it does.')
    .version(version())
    .showHelpAfterError('(dde-profile --help shows the verbs, dde-profile VERB --help its options)')
    .addHelpText('after', exitTable());
  program.exitOverride();
  const known = verb !== undefined && Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  const registers = await Promise.all((known === undefined ? Object.values(VERBS) : [known]).map((load) => load()));
  for (const register of registers) register(program, context);
  // Subcommands do not inherit what was set after they were made.
  for (const command of program.commands) command.exitOverride().showHelpAfterError(true);
  for (const command of program.commands) command.showHelpAfterError('(see dde-profile VERB --help)');
  return program;
}
