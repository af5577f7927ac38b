// SPDX-License-Identifier: MIT
// What can keep a device from being bound. The exit code for each is the CLI's.

export type BindErrorCode =
  | 'ERR_DDE_BIND_ADDRESS'
  | 'ERR_DDE_BIND_NO_DEVICE'
  | 'ERR_DDE_BIND_IN_USE'
  | 'ERR_DDE_BIND_GROUP'
  | 'ERR_DDE_BIND_MODULE'
  | 'ERR_DDE_BIND_REFUSED'
  | 'ERR_DDE_BIND_RIGHTS';

export class BindError extends Error {
  readonly code: BindErrorCode;
  readonly advice?: string;

  constructor(code: BindErrorCode, message: string, more: { advice?: string; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'BindError';
    this.code = code;
    if (more.advice !== undefined) this.advice = more.advice;
  }
}
