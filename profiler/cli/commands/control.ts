// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import { readSites, readTracepoints } from '../../builds/index.js';
import type { recordedNow } from '../../record/attaching.js';
import { parseTriggers } from '../../record/index.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { type EventOptions, eventOptions } from '../options/events.js';
import { listOption } from '../options/list.js';
import { categoryList } from '../options/lists.js';
import { processArgument, processOf } from '../options/process.js';
import { jsonOption } from '../options/shared.js';
import { GLOB_HELP, globs } from '../options/values.js';
import { printJson } from '../output.js';
import { attaching } from '../lazy.js';

interface ControlOptions extends EventOptions {
  readonly events?: string;
  readonly functions?: string[];
  readonly core?: string[];
  readonly off?: string[];
  readonly args: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile control                                     what is recorded now
  dde-profile control 4711 --events +kmem,-mmio
  dde-profile control 4711 --functions 'e1000_*' --tracepoint 'tcp:*'
  dde-profile control 4711 --off 'e1000_*,tcp:*'
  dde-profile control 4711 --on 'e1000_reset_task=stop'`;

type Now = ReturnType<typeof recordedNow>;

function lines(now: Now): string[] {
  return [
    `categories: ${now.categories.join(' ') || 'none'}`,
    `functions: ${now.api} of the kernel's interface, ${now.driver} of the driver, ${now.core} of the core`,
    ...(now.tracepoints.length === 0 ? [] : [`tracepoints: ${now.tracepoints.join(' ')}`]),
    ...now.triggers.map((one) => `at a call of ${one.function}: ${one.action} (${one.calls} calls so far)`),
  ];
}

export function registerControl(program: Command, _context: Context): void {
  const command = processArgument(program.command('control'))
    .description('change what a running recording captures; without options: show it')
    .option('--events <list>', 'event categories: a,b for these only, +a,-b to change them, all (--list names them)')
    .option('--functions <glob>', `also record these of the driver's functions: ${GLOB_HELP}`, globs)
    .option('--core <glob>', 'also record these functions of the Linux core, in the same way', globs)
    .option('--no-args', 'of functions that are added record the first argument only')
    .option('--off <glob>', 'no longer record these functions and tracepoints, in the same way', globs);
  listOption(command, 'event categories', () => ({ categories: categoryList() }));
  jsonOption(eventOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (pidText: string | undefined, options: ControlOptions) => {
      const { events, functions, core, off, tracepoint, on } = options;
      if (!options.args && functions === undefined && core === undefined)
        throw new CliError(
          EXIT.usage,
          '--no-args is about functions that are added',
          'Name them: --functions or --core',
        );
      const pid = processOf(pidText);
      const { change, openRunning, recordedNow, refuseUnrecorded } = await attaching();
      const target = openRunning(pid, { flight: true, recorded: true });
      try {
        refuseUnrecorded(target);
        const sites = readSites(target.build.dir);
        const tracepoints = readTracepoints(target.build.dir);
        let applied = true;
        if ([events, functions, core, off, tracepoint, on].some((option) => option !== undefined)) {
          applied = await change(target, sites, tracepoints, {
            events,
            functions: functions ?? [],
            core: core ?? [],
            off: off ?? [],
            tracepoints: tracepoint ?? [],
            triggers: parseTriggers(on ?? []),
            firstOnly: !options.args,
          });
        }
        const now = recordedNow(target, sites, tracepoints);
        if (options.json === true) printJson('control', { pid, applied, ...now });
        else {
          process.stdout.write(`${lines(now).join('\n')}\n`);
          if (!applied) process.stderr.write(`process ${pid} is stopped: the change takes place when it goes on\n`);
        }
      } finally {
        target.region.close();
      }
    });
}
