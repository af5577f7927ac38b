// SPDX-License-Identifier: MIT
// gdb on a driver process: symbols, source paths, signals and our commands (gdb/init.py) are set up so that it just works.

import { join } from 'node:path';

export interface GdbRequest {
  readonly executable: string;
  /** The kernel source that the executable was built from, where it is now and where its debug information says it is. */
  readonly sourceRoot: string;
  readonly buildRoot?: string;
  /** gdb_unwinder.py: the way through traced functions. */
  readonly unwinder?: string;
  /** gdb/init.py: our commands. */
  readonly init?: string;
  readonly batch: boolean;
  /** The device's time goes on while the driver is stopped. */
  readonly deviceRuns?: boolean;
  /** `probe`, `irq`, `warn`, `finding` or a function: where to stop. */
  readonly breakOn?: readonly string[];
  /** A file of gdb commands. */
  readonly commandFiles?: readonly string[];
  readonly commands: readonly string[];
}

/** The timer, the kick of a halted CPU and of the recorder are part of the driver process's normal life. */
const QUIET_SIGNALS = 'SIGALRM SIGUSR1 SIGUSR2 SIGURG';

/** gdb does not start the program by itself: these do. */
const STARTS = /^\s*(r|run|start|starti)\b/;

/** The folder of the Python files: they are read as they are, not compiled into dist. */
export function gdbInit(projectRoot: string): string {
  return join(projectRoot, 'profiler/debug/gdb/init.py');
}

function settings({ sourceRoot, buildRoot, executable }: GdbRequest): string[] {
  return [
    'set confirm off',
    'set pagination off',
    'set breakpoint pending on',
    'set print thread-events off',
    // QEMU is a child of the driver process, and not of interest.
    'set follow-fork-mode parent',
    'set detach-on-fork on',
    // The process is linked at fixed addresses below its arena.
    'set disable-randomization on',
    `directory ${sourceRoot}`,
    ...(buildRoot === undefined || buildRoot === sourceRoot ? [] : [`set substitute-path ${buildRoot} ${sourceRoot}`]),
    `file ${executable}`,
    `handle ${QUIET_SIGNALS} nostop noprint pass`,
  ];
}

/** After the program is known: the scripts ask for its variables. */
function scripts({ unwinder, init, deviceRuns }: GdbRequest): string[] {
  const files = [unwinder, init].flatMap((file) => (file === undefined ? [] : ['-x', file]));
  return deviceRuns === true && init !== undefined ? [...files, ...expressions(['set dde device-runs on'])] : files;
}

function expressions(commands: readonly string[]): string[] {
  return commands.flatMap((command) => ['-ex', command]);
}

/** Where to stop, then what the user wants. */
function wishes({ breakOn = [], commandFiles = [], commands }: GdbRequest, run: boolean): string[] {
  const breaks = breakOn.map((kind) => `dde-break ${kind}`);
  // Somebody who says where to stop wants to get there.
  const start = run && breaks.length > 0 && !commands.some((command) => STARTS.test(command)) ? ['run'] : [];
  return [
    ...expressions([...breaks, ...start]),
    ...commandFiles.flatMap((file) => ['-x', file]),
    ...expressions(commands),
  ];
}

/** Only where the terminal is the user's: gdb asks before it reads a register with side effects. */
function asking({ batch }: GdbRequest): string[] {
  return batch ? [] : expressions(['set confirm on']);
}

function begin(request: GdbRequest): string[] {
  return ['-q', '-nx', ...(request.batch ? ['-batch'] : []), ...expressions(settings(request)), ...scripts(request)];
}

/** gdb's arguments to start the driver under it. In batch mode it runs until the end of `commands`. */
export function gdbRunArgs(request: GdbRequest, args: readonly string[]): string[] {
  return [...begin(request), ...wishes(request, true), ...asking(request), '--args', request.executable, ...args];
}

/** gdb's arguments to attach to a running driver. At the end it detaches, and the driver runs on. */
export function gdbAttachArgs(request: GdbRequest, pid: number): string[] {
  return [
    ...begin(request),
    ...expressions([`attach ${pid}`, ...(request.init === undefined ? [] : ['dde-thread'])]),
    ...wishes(request, false),
    ...asking(request),
    ...(request.batch ? expressions(['detach']) : []),
  ];
}

/** gdb's arguments to look at a core file. */
export function gdbCoreArgs(request: GdbRequest, core: string): string[] {
  return [
    ...begin(request),
    ...expressions([`core-file ${core}`, ...(request.init === undefined ? [] : ['dde-thread'])]),
    ...wishes(request, false),
    ...asking(request),
  ];
}
