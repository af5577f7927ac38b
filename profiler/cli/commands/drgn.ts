// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { execa } from 'execa';
import { readBuild } from '../../builds/index.js';
import { buildOfCore, drgnArgs, mayAttach } from '../../debug/index.js';
import { findRunning } from '../../run/index.js';
import { installCommand, projectRoot } from '../../setup/index.js';
import { handingOverTerminal } from '../abort.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { jsonOption } from '../options/shared.js';

interface DrgnOptions {
  readonly core?: string;
  readonly e?: string[];
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile drgn                          the only running driver, interactively
  dde-profile drgn 4711 -e 'napi()' -e 'rings()'
  dde-profile drgn 4711 --json -e 'dma()'
  dde-profile drgn 4711 -e 'prog["init_net"].dev_base_seq'
  dde-profile drgn --core core.4711 -- script.py ARGUMENT

Helpers: devices() irqs() softirq() napi() dma() timers() work() locks() skb() findings() rings() threads() log(), each with
.rows for scripts. The driver is not stopped: what changes meanwhile may be seen half-way.`;

interface Target {
  readonly executable: string;
  readonly of: { readonly pid: number } | { readonly core: string };
}

function targetOf(pid: string | undefined, options: DrgnOptions): Target {
  if (options.core !== undefined) {
    if (pid !== undefined) throw new CliError(EXIT.usage, 'drgn: a process ID or --core, not both');
    const core = resolve(options.core);
    return { executable: buildOfCore(core).executable, of: { core } };
  }
  if (pid !== undefined && !/^[1-9]\d*$/.test(pid)) throw new CliError(EXIT.usage, `"${pid}" is not a process ID`);
  const running = findRunning(pid === undefined ? undefined : Number(pid));
  const obstacle = mayAttach();
  if (obstacle !== undefined) throw new CliError(EXIT.hostIo, obstacle.reason, obstacle.advice);
  return { executable: readBuild(running.dir).executable, of: { pid: running.pid } };
}

export function registerDrgn(program: Command, context: Context): void {
  jsonOption(program.command('drgn'))
    .description("read a driver's kernel state with drgn, in a running process or a core file")
    .argument('[pid]', 'a running driver; default: the only one')
    .argument('[script...]', 'after --: a Python script and its arguments')
    .option('--core <file>', 'a core file instead of a process')
    .option(
      '-e <code>',
      'Python code to run; its value is printed; may be given again',
      (value: string, all?: string[]) => [...(all ?? []), value],
    )
    .addHelpText('after', EXAMPLES)
    .action(async (pid: string | undefined, script: string[], options: DrgnOptions) => {
      const found = await execa('drgn', ['--version'], { reject: false });
      if (found.exitCode !== 0) throw new CliError(EXIT.missing, 'drgn: not found', installCommand(['python3-drgn']));
      const [file] = script;
      if (file !== undefined && !existsSync(file)) throw new CliError(EXIT.usage, `${file}: no such script`);
      const { executable, of } = targetOf(pid, options);
      const args = drgnArgs(projectRoot, of, { json: options.json === true, code: options.e ?? [], script });
      const env = { DDE_EXECUTABLE: executable };
      const end = await handingOverTerminal(() =>
        execa('drgn', args, { stdio: 'inherit', reject: false, env, cancelSignal: context.signal }),
      );
      context.exit(end.exitCode === 0 ? EXIT.ok : EXIT.found);
    });
}
