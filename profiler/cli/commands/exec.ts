// SPDX-License-Identifier: MIT
import { constants } from 'node:os';
import type { Command } from 'commander';
import { execa } from 'execa';
import { readBuild } from '../../builds/index.js';
import { findRunning, type Offer, parseOffers } from '../../run/index.js';
import { handingOverTerminal } from '../abort.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { processArgument, processOf } from '../options/process.js';
import { jsonOption } from '../options/shared.js';
import { pathRules } from '../options/values.js';
import { printJson } from '../output.js';
import { findProgram } from '../program-of.js';
import { renderOffers } from '../views/offers.js';

interface ExecOptions {
  readonly list?: boolean;
  readonly mapPath?: string[];
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile exec -- ethtool -S eth0             on the only driver that is running
  dde-profile exec 4711 -- ./my-test --fast
  dde-profile exec 4711 --list                    the device nodes and interfaces that programs find there
  dde-profile exec --map-path /dev=driver -- ls -l /dev

The program is a child of this shell's: it has its terminal, folder and environment. What it asks of the driver's devices, files below /sys and
/proc, and sockets goes to the driver process. The exit code is the program's, 128 + N when signal N ended it. Several programs at a time may
be on a driver; \`attach\` records what they do. To start driver and program together: dde-profile run DRIVER -- exec PROGRAM.`;

/** A signal that is sent to this tool alone; from a terminal the program has it already. */
function passedOn(kill: (signal: NodeJS.Signals) => void): () => void {
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const pass = (): void => {
    if (!onTerminal) kill('SIGINT');
  };
  process.on('SIGINT', pass);
  return () => process.off('SIGINT', pass);
}

function launchArgs(pid: number, rules: readonly string[], words: readonly string[]): string[] {
  return ['--launch', String(pid), ...rules.flatMap((rule) => ['--map-path', rule]), '--', ...words];
}

/** The exit code of the program, as a shell would say it. */
async function launch(executable: string, args: readonly string[], context: Context): Promise<number> {
  const child = execa(executable, args, { stdio: 'inherit', reject: false, cancelSignal: context.signal });
  const forget = passedOn((signal) => child.kill(signal));
  try {
    const end = await handingOverTerminal(() => child);
    return end.signal === undefined ? (end.exitCode ?? EXIT.internal) : 128 + constants.signals[end.signal];
  } finally {
    forget();
  }
}

/** All of it is looked at as the driver has it. */
const EVERYTHING = ['/dev=driver', '/sys=driver', '/proc=driver'];

async function offersOf(executable: string, pid: number, context: Context): Promise<Offer[]> {
  const args = launchArgs(pid, EVERYTHING, [executable, '--offers']);
  const end = await execa(executable, args, { stdin: 'ignore', reject: false, cancelSignal: context.signal });
  context.signal.throwIfAborted();
  if (end.exitCode !== 0) {
    const why = end.stderr.replace(/^dde-profile: exec: /, '').trim();
    throw new CliError(EXIT.workloadFailed, why === '' ? `driver process ${pid} does not answer` : why);
  }
  return parseOffers(end.stdout);
}

function refuse(text: string, advice?: string): never {
  throw new CliError(EXIT.usage, text, advice);
}

export function registerExec(program: Command, context: Context): void {
  const command = jsonOption(
    processArgument(program.command('exec').description('run a program of yours on a driver that is running'))
      .argument('[program...]', 'after --: the program and its arguments')
      .option('--list', 'show what the driver offers to programs')
      .option(
        '--map-path <path=whose>',
        'whose files the program sees below a path, driver or host; may be given again. Default: the driver has what it offers',
        pathRules,
      ),
  );
  command
    .addHelpText('after', EXAMPLES)
    .action(async (first: string | undefined, rest: string[], options: ExecOptions) => {
      // Commander takes the -- away, and a first word behind it for the process.
      const at = process.argv.indexOf('--');
      const words = at < 0 ? [] : process.argv.slice(at + 1);
      const all = first === undefined ? [] : [first, ...rest];
      const before = all.slice(0, all.length - words.length);
      if (before.length > 1)
        refuse(
          `${JSON.stringify(before[1])}: the program stands after --`,
          'Example: dde-profile exec 4711 -- ls /sys/class/net',
        );
      if (options.list === true && words.length > 0)
        refuse('--list runs no program', 'Leave out what stands after --.');
      if (options.list === true && options.mapPath !== undefined)
        refuse('--map-path is for a program, and --list runs none');
      if (options.list !== true && options.json === true)
        refuse('--json is for --list: what a program prints is its own');
      if (options.list !== true && words.length === 0)
        refuse('which program?', 'Example: dde-profile exec -- ethtool -S eth0');
      const found = options.list === true ? [] : findProgram(words);
      const running = findRunning(processOf(before[0]));
      const { executable } = readBuild(running.dir);
      if (options.list === true) {
        const offers = await offersOf(executable, running.pid, context);
        if (options.json === true) printJson('exec', { pid: running.pid, offers });
        else process.stdout.write(renderOffers(offers));
        return;
      }
      const code = await launch(executable, launchArgs(running.pid, options.mapPath ?? [], found), context);
      context.exit(code as ExitCode);
    });
}
