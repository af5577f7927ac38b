// SPDX-License-Identifier: MIT
import { type Command, Option } from 'commander';
import { readBuild } from '../../builds/index.js';
import { runningDrivers } from '../../run/index.js';
import { clock, renderTable, styleOf } from '../../show/index.js';
import type { Context } from '../context.js';
import { jsonOption } from '../options/shared.js';
import { printJson } from '../output.js';
import { attaching } from '../lazy.js';
import { outputStyle } from '../terminal.js';
import { csv } from '../views/csv.js';

export interface PsRow {
  readonly pid: number;
  readonly driver: string;
  readonly kernel: string;
  readonly devices: readonly string[];
  readonly workload: string;
  readonly uptimeSeconds: number;
  /** Who records it now. */
  readonly recorder: { readonly pid: number; readonly command: string } | null;
  readonly build: string;
}

async function rows(): Promise<PsRow[]> {
  const { commandLine, devicesOf, recorderOfProcess, uptimeSeconds, workloadOf } = await attaching();
  return runningDrivers().flatMap(({ pid, dir, gone }) => {
    const uptime = uptimeSeconds(pid);
    // It has ended since.
    if (uptime === undefined) return [];
    const args = commandLine(pid);
    const manifest = gone ? { driver: '(build removed)', kernelVersion: '?' } : readBuild(dir).manifest;
    return {
      pid,
      driver: manifest.driver,
      kernel: manifest.kernelVersion,
      devices: devicesOf(args),
      workload: workloadOf(args),
      uptimeSeconds: uptime,
      recorder: recorderOfProcess(pid) ?? null,
      build: dir,
    };
  });
}

export function registerPs(program: Command, _context: Context): void {
  jsonOption(program.command('ps').description('show the driver processes that are running'))
    .addOption(new Option('--csv', 'print the table as CSV').conflicts('json'))
    .addHelpText('after', '\nExamples:\n  dde-profile ps\n  dde-profile ps --csv')
    .action(async (options: { readonly json?: boolean; readonly csv?: boolean }) => {
      const running = await rows();
      if (options.json === true) {
        printJson('ps', { drivers: running });
        return;
      }
      if (options.csv === true) {
        process.stdout.write(csv(running.map((row) => ({ ...row }))));
        return;
      }
      if (running.length === 0) {
        process.stdout.write('no driver process is running\n');
        return;
      }
      const table = {
        title: 'Driver processes',
        columns: [
          { head: 'pid' },
          { head: 'driver', left: true },
          { head: 'kernel', left: true },
          { head: 'device', left: true },
          { head: 'uptime' },
          { head: 'recorded by', left: true },
          { head: 'workload', left: true },
        ],
        rows: running.map((row) => [
          String(row.pid),
          row.driver,
          row.kernel,
          row.devices.join(', '),
          clock(row.uptimeSeconds),
          row.recorder === null ? '-' : `${row.recorder.command} (${row.recorder.pid})`,
          row.workload,
        ]),
      };
      process.stdout.write(renderTable(table, styleOf(false, outputStyle().width)));
    });
}
