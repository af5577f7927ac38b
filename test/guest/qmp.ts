// SPDX-License-Identifier: MIT
// Gives commands to a running QEMU (QMP).

import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { GuestError } from './errors.js';

/** Splits `COMMAND [JSON]` into what QMP takes. */
export function parseQmp(text: string): { execute: string; arguments?: unknown } {
  const [, execute, rest] = /^\s*([\w-]+)\s*(.*)$/s.exec(text) ?? [];
  if (execute === undefined) throw new GuestError('ERR_GUEST_USAGE', `qmp: missing command in "${text}"`);
  if (rest === undefined || rest === '') return { execute };
  try {
    return { execute, arguments: JSON.parse(rest) };
  } catch (cause) {
    throw new GuestError('ERR_GUEST_USAGE', `qmp ${execute}: arguments are not JSON: ${rest}`, { cause });
  }
}

/** Runs one command; the answer's `return` value. */
export async function qmp(path: string, text: string): Promise<unknown> {
  const command = parseQmp(text);
  const socket: Socket = connect(path);
  try {
    let greeted = false;
    for await (const line of createInterface({ input: socket })) {
      const message = JSON.parse(line) as Record<string, unknown>;
      if ('QMP' in message) socket.write('{"execute":"qmp_capabilities"}\n');
      else if ('error' in message) {
        throw new GuestError('ERR_GUEST_QEMU', `qmp ${command.execute}: ${JSON.stringify(message['error'])}`);
      } else if ('return' in message) {
        if (greeted) return message['return'];
        greeted = true;
        socket.write(`${JSON.stringify(command)}\n`);
      }
    }
    throw new GuestError('ERR_GUEST_QEMU', `qmp ${command.execute}: QEMU closed the connection`);
  } finally {
    socket.destroy();
  }
}
