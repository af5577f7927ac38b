// SPDX-License-Identifier: MIT
// What keeps a guest from giving a result. The result of the command itself, also a failure, is no error.

export type GuestErrorCode =
  | 'ERR_GUEST_USAGE'
  | 'ERR_GUEST_PACKAGE'
  | 'ERR_GUEST_BUILD'
  | 'ERR_GUEST_TIMEOUT'
  | 'ERR_GUEST_PANIC'
  | 'ERR_GUEST_QEMU'
  | 'ERR_GUEST_INTERRUPTED';

export class GuestError extends Error {
  readonly code: GuestErrorCode;

  constructor(code: GuestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GuestError';
    this.code = code;
  }
}
