// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import { readSites, readTracepoints } from '../../builds/index.js';
import { parseTriggers } from '../../record/index.js';
import type { Context } from '../context.js';
import { type EventOptions, eventOptions } from '../options/events.js';
import { jsonOption } from '../options/shared.js';
import { printJson } from '../output.js';
import { attaching } from '../parts.js';
import { pidArgument } from '../options/recording.js';

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
  dde-profile control 4711                                what is recorded now
  dde-profile control 4711 --events +kmem,-mmio
  dde-profile control 4711 --functions 'e1000_*' --tracepoint 'tcp:*'
  dde-profile control 4711 --off 'e1000_*' --off 'tcp:*'
  dde-profile control 4711 --on 'e1000_reset_task' stop`;

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

export function registerControl(program: Command, _context: Context): void {
  const command = program
    .command('control')
    .description('change what a recording that is going on records; without options: show it')
    .argument('<pid>', 'the driver process, see `dde-profile ps`; it is recorded by record, attach or top')
    .option('--events <list>', 'categories of events: a,b for these only, +a,-b to change them, all')
    .option('--functions <glob>', "also record these of the driver's functions; may be given again", collect)
    .option('--core <glob>', 'also record these functions of the Linux core; may be given again', collect)
    .option('--no-args', 'of functions that are added record the first argument only')
    .option('--off <glob>', 'no longer record these functions and tracepoints; may be given again', collect);
  jsonOption(eventOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (pidText: string, options: ControlOptions) => {
      const pid = pidArgument(pidText);
      const { change, openRunning, recordedNow, refuseUnrecorded } = await attaching();
      const target = openRunning(pid, { flight: true, recorded: true });
      try {
        refuseUnrecorded(target);
        const sites = readSites(target.build.dir);
        const tracepoints = readTracepoints(target.build.dir);
        const { events, functions, core, off, tracepoint, on } = options;
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
        if (options.json === true) {
          printJson({ pid, applied, ...now });
          return;
        }
        const lines = [
          `categories: ${now.categories.join(' ') || 'none'}`,
          `functions: ${now.api} of the kernel's interface, ${now.driver} of the driver, ${now.core} of the core`,
          ...(now.tracepoints.length === 0 ? [] : [`tracepoints: ${now.tracepoints.join(' ')}`]),
          ...now.triggers.map((one) => `at a call of ${one.function}: ${one.action} (${one.calls} calls so far)`),
        ];
        process.stdout.write(`${lines.join('\n')}\n`);
        if (!applied) process.stderr.write(`process ${pid} is stopped: the change takes place when it goes on\n`);
      } finally {
        target.region.close();
      }
    });
}
