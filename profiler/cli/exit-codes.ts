// SPDX-License-Identifier: MIT
// The exit codes of dde-profile and of the driver executable: one table, shown by `dde-profile --help`.

export const EXIT = {
  ok: 0,
  workloadFailed: 1,
  usage: 2,
  missing: 3,
  buildFailed: 4,
  noMatch: 5,
  backEnd: 6,
  crashed: 7,
  watchdog: 8,
  trace: 9,
  hostIo: 10,
  leaked: 11,
  found: 12,
  internal: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_TEXT: Readonly<Record<ExitCode, string>> = {
  0: 'ok',
  1: 'the workload failed',
  2: 'usage: unknown verb, option, driver or device',
  3: 'something is missing on this machine (see `dde-profile doctor`)',
  4: 'the build failed',
  5: 'no device matches the driver, or its probe failed',
  6: 'the back end failed: QEMU is missing, too old, or died',
  7: 'the driver crashed: BUG, oops, panic or a signal',
  8: 'the watchdog found a driver that does not yield, or whose probe or remove does not return',
  9: 'the trace file cannot be read',
  10: 'input or output failed on this machine, such as a full disk',
  11: 'the driver left something behind when it was removed',
  12: 'gdb, Valgrind or a check reported an error',
  70: 'an internal error of dde-profile: please report it',
  130: 'interrupted',
};
