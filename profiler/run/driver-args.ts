// SPDX-License-Identifier: MIT
// The driver executable's command line (ARCHITECTURE.md, section 2).

export interface DriverArgs {
  readonly memoryMiB?: number;
  readonly cmdline?: string;
  readonly workload?: string;
  readonly posted?: boolean;
  readonly watchdogSeconds?: number;
  readonly loglevel?: number;
  readonly qemu?: string;
  /** The back end and its device, if it is not QEMU. */
  readonly device?: string;
  readonly huge?: boolean;
  readonly traceFd?: number;
  readonly resultFd?: number;
  readonly controlFd?: number;
  /** A program of the user with its arguments, for the workload `exec`. */
  readonly program?: readonly string[];
  readonly programFd?: number;
  readonly mapPaths?: readonly string[];
  readonly qemuArgs: readonly string[];
}

export function driverArgs(request: DriverArgs): string[] {
  const args: string[] = [];
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined && value !== '') args.push(name, String(value));
  };
  add('--memory', request.memoryMiB);
  add('--cmdline', request.cmdline);
  add('--workload', request.workload);
  add('--posted', request.posted === undefined ? undefined : request.posted ? 'on' : 'off');
  add('--watchdog', request.watchdogSeconds);
  add('--trace-fd', request.traceFd);
  add('--result-fd', request.resultFd);
  add('--control-fd', request.controlFd);
  for (const word of request.program ?? []) args.push('--program', word);
  add('--program-fd', request.programFd);
  for (const rule of request.mapPaths ?? []) args.push('--map-path', rule);
  add('--loglevel', request.loglevel);
  add('--device', request.device);
  if (request.huge === true) args.push('--huge', 'on');
  add('--qemu', request.qemu);
  return request.qemuArgs.length > 0 ? [...args, '--', ...request.qemuArgs] : args;
}
