// SPDX-License-Identifier: MIT
// What can be wrong before a driver process starts. Texts state facts; the CLI adds advice and maps `code` to an exit code.

export type LaunchErrorCode =
  | 'ERR_DDE_DEVICE'
  | 'ERR_DDE_OPTION'
  | 'ERR_DDE_DRIVE'
  | 'ERR_DDE_QEMU'
  | 'ERR_DDE_TOOL'
  | 'ERR_DDE_PROCESS'
  | 'ERR_DDE_BUILD'
  | 'ERR_DDE_OUTPUT';

export class LaunchError extends Error {
  readonly code: LaunchErrorCode;

  constructor(code: LaunchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LaunchError';
    this.code = code;
  }
}
