// SPDX-License-Identifier: MIT
// gdb on a driver process: symbols, source paths and signals are set up so that it just works.

export interface GdbRequest {
  readonly executable: string;
  /** The kernel source that the executable was built from, where it is now and where its debug information says it is. */
  readonly sourceRoot: string;
  readonly buildRoot?: string;
  /** gdb_unwinder.py: the way through traced functions. */
  readonly unwinder?: string;
  readonly batch: boolean;
  readonly commands: readonly string[];
}

/** The timer, the kick of a halted CPU and the like are part of the driver process's normal life. */
const QUIET_SIGNALS = 'SIGALRM SIGUSR1 SIGUSR2';

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

/** After the program is known: the script asks for its variables. */
function scripts({ unwinder }: GdbRequest): string[] {
  return unwinder === undefined ? [] : ['-x', unwinder];
}

function expressions(commands: readonly string[]): string[] {
  return commands.flatMap((command) => ['-ex', command]);
}

/** gdb's arguments to start the driver under it. In batch mode it runs until the end of `commands`. */
export function gdbRunArgs(request: GdbRequest, args: readonly string[]): string[] {
  return [
    '-q',
    '-nx',
    ...(request.batch ? ['-batch'] : []),
    ...expressions(settings(request)),
    ...scripts(request),
    ...expressions(request.commands),
    '--args',
    request.executable,
    ...args,
  ];
}

/** gdb's arguments to attach to a running driver. At the end it detaches, and the driver runs on. */
export function gdbAttachArgs(request: GdbRequest, pid: number): string[] {
  return [
    '-q',
    '-nx',
    ...(request.batch ? ['-batch'] : []),
    ...expressions(settings(request)),
    ...scripts(request),
    ...expressions([`attach ${pid}`]),
    ...expressions(request.commands),
    ...(request.batch ? expressions(['detach']) : []),
  ];
}
