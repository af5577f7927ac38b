// SPDX-License-Identifier: MIT

/** gdb refused a command; the message is gdb's. */
export class MiError extends Error {
  readonly code = 'ERR_DDE_GDB';
  readonly command: string;
  constructor(command: string, message: string) {
    super(message);
    this.command = command;
  }
}

/** gdb has ended, so no command will be answered. */
export class MiClosedError extends Error {
  readonly code = 'ERR_DDE_GDB_ENDED';
  constructor(reason: string) {
    super(`gdb has ended: ${reason}`);
  }
}
