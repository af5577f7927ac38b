// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import { runSession } from '../../run/index.js';
import { buildTarget } from '../build.js';
import type { Context } from '../context.js';
import type { ExitCode } from '../exit-codes.js';
import { EXIT_TEXT } from '../exit-codes.js';
import { type CrashOptions, crashOption } from '../options/crash.js';
import { listOption } from '../options/list.js';
import { workloadList } from '../options/lists.js';
import { type RunOptions, runOptions, WORKLOADS } from '../options/shared.js';
import { printJson, startProgress } from '../output.js';
import { analysis } from '../lazy.js';
import { prepareSession } from '../prepare.js';
import { requireTool } from '../require-tool.js';
import { CrashReport } from '../views/crash.js';
import { RunFindings } from '../views/run-findings.js';
import { liveView, runJson, summary } from '../views/run.js';

const EXAMPLES = `
Examples:
  dde-profile run e1000e -- ping --count 100
  dde-profile run e1000e --irq intx -- ping + tcp --duration 5s
  dde-profile run CONFIG_E1000 --device e1000 -- ping
  dde-profile run ./my-module --on-crash gdb -- ping
  dde-profile run CONFIG_BLK_DEV_NVME --device nvme --drive disk.img -- block`;

export function registerRun(program: Command, context: Context): void {
  const command = program
    .command('run')
    .description('run a driver with a workload')
    .argument('<driver>', 'as for build, or the folder of a finished build')
    .argument('[workload...]', 'after --: what to do with the device');
  listOption(command, 'workloads', () => ({ workloads: workloadList() }));
  runOptions(crashOption(command))
    .addHelpText('after', WORKLOADS + EXAMPLES)
    .action(async (driver: string, words: string[], options: RunOptions & CrashOptions) => {
      const progress = startProgress(process.stderr);
      try {
        if (options.onCrash !== 'report') await requireTool('gdb', 'gdb');
        const target = await buildTarget(driver, options, progress);
        const session = await prepareSession(target, options, words);
        progress.step(`start ${session.devices.map((device) => device.model).join(', ')}`);
        const view = liveView(progress, options, target.build.executable);
        const told = new RunFindings(target.build.manifest);
        const { build } = target;
        const crash = new CrashReport({ build, options, progress, signal: context.signal, onLine: told.line });
        const end = await runSession({
          ...session,
          signal: context.signal,
          ...view,
          onCrash: crash.onCrash,
          onConsole: (line) => {
            told.line(line);
            crash.line(line);
            view.onConsole(line);
          },
        });
        const findings = await told.of(end);
        progress.end();
        if (options.json === true) printJson('run', { ...runJson(end), ...crash.json(), findings });
        else {
          const { renderFindings } = await analysis();
          // Without a recording little is looked at: that there are none says nothing.
          const wrong = findings.length === 0 ? '' : `findings: ${findings.length}\n\n${renderFindings(findings)}`;
          process.stdout.write(summary(end) + wrong);
          if (end.exitCode !== 0) {
            const why = EXIT_TEXT[end.exitCode as ExitCode] ?? 'failed';
            process.stderr.write(`dde-profile: ${why}${end.signal === undefined ? '' : `, ${end.signal}`}\n`);
          }
        }
        context.exit(end.exitCode as ExitCode);
      } finally {
        progress.end();
      }
    });
}
