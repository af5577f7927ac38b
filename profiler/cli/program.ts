// SPDX-License-Identifier: MIT
// The command tree. A new verb is a file in commands/ and a line here.

import { Command, Option } from 'commander';
import type { Context } from './context.js';
import { EXIT_TEXT } from './exit-codes.js';
import { type ColorChoice, chooseColor } from './terminal.js';
import { version } from './version.js';

const COLORS: readonly ColorChoice[] = ['auto', 'always', 'never'];

type Register = (program: Command, context: Context) => void;

interface Verb {
  /** The heading in --help. */
  readonly group: string;
  readonly load: () => Promise<Register>;
}

const SETUP = 'Set-up:';
const REAL = 'Real PCI devices:';
const RUN = 'Run and record:';
const LIVE = 'A driver that is running:';
const READ = 'Read a recording:';
const DEBUG = 'Debug:';

/** In the order of --help. Each loads what it needs: all of them together take longer to load than a small report to make. */
export const VERBS: Readonly<Record<string, Verb>> = {
  doctor: { group: SETUP, load: async () => (await import('./commands/doctor.js')).registerDoctor },
  list: { group: SETUP, load: async () => (await import('./commands/list.js')).registerList },
  build: { group: SETUP, load: async () => (await import('./commands/build.js')).registerBuild },
  cache: { group: SETUP, load: async () => (await import('./commands/cache.js')).registerCache },
  completion: { group: SETUP, load: async () => (await import('./commands/completion.js')).registerCompletion },
  bind: { group: REAL, load: async () => (await import('./commands/bind.js')).registerBind },
  unbind: { group: REAL, load: async () => (await import('./commands/bind.js')).registerUnbind },
  restore: { group: REAL, load: async () => (await import('./commands/bind.js')).registerRestore },
  peer: { group: REAL, load: async () => (await import('./commands/peer.js')).registerPeer },
  run: { group: RUN, load: async () => (await import('./commands/run.js')).registerRun },
  record: { group: RUN, load: async () => (await import('./commands/record.js')).registerRecord },
  ps: { group: LIVE, load: async () => (await import('./commands/ps.js')).registerPs },
  attach: { group: LIVE, load: async () => (await import('./commands/attach.js')).registerAttach },
  control: { group: LIVE, load: async () => (await import('./commands/control.js')).registerControl },
  exec: { group: LIVE, load: async () => (await import('./commands/exec.js')).registerExec },
  top: { group: LIVE, load: async () => (await import('./commands/top.js')).registerTop },
  report: { group: READ, load: async () => (await import('./commands/report.js')).registerReport },
  events: { group: READ, load: async () => (await import('./commands/events.js')).registerEvents },
  diff: { group: READ, load: async () => (await import('./commands/diff.js')).registerDiff },
  export: { group: READ, load: async () => (await import('./commands/export.js')).registerExport },
  script: { group: READ, load: async () => (await import('./commands/script.js')).registerScript },
  query: { group: READ, load: async () => (await import('./commands/query.js')).registerQuery },
  open: { group: READ, load: async () => (await import('./commands/open.js')).registerOpen },
  gdb: { group: DEBUG, load: async () => (await import('./commands/gdb.js')).registerGdb },
  inspect: { group: DEBUG, load: async () => (await import('./commands/inspect.js')).registerInspect },
  drgn: { group: DEBUG, load: async () => (await import('./commands/drgn.js')).registerDrgn },
  check: { group: DEBUG, load: async () => (await import('./commands/check.js')).registerCheck },
  valgrind: { group: DEBUG, load: async () => (await import('./commands/valgrind.js')).registerValgrind },
};

const ENVIRONMENT = `
Environment:
  DDE_PROFILE_CACHE           the folder of builds. Default: dde-profile in XDG_CACHE_HOME, or in ~/.cache
  DDE_PROFILE_KERNEL_SOURCE   the folder of linux-source-*.tar.xz. Default: /usr/src
  NO_COLOR                    no colours unless --color always
  TMPDIR                      the folder of temporary files. Default: /tmp`;

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
    .addHelpText('after', `\nEach verb has examples: dde-profile VERB --help\n${exitTable()}\n${ENVIRONMENT}`);
  program.exitOverride();
  const known = verb !== undefined && Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  const verbs = known === undefined ? Object.values(VERBS) : [known];
  const registers = await Promise.all(verbs.map(({ load }) => load()));
  registers.forEach((register, i) => {
    register(program, context);
    program.commands.at(-1)?.helpGroup(verbs[i]?.group ?? '');
  });
  // Subcommands do not inherit what was set after they were made.
  for (const command of program.commands) {
    command
      .addOption(
        new Option('--color <when>', 'colours: auto (on a terminal), always, never').choices(COLORS).default('auto'),
      )
      .hook('preAction', () => chooseColor(command.getOptionValue('color') as ColorChoice))
      .exitOverride()
      .showHelpAfterError(`(dde-profile ${command.name()} --help shows its options)`);
  }
  return program;
}
