// SPDX-License-Identifier: MIT
// Gives commands to a running QEMU (QMP).

import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { GuestError } from './errors.js';

/**
 * Makes of `COMMAND [JSON]` what QMP takes. The arguments stay as they are written: a number of 64 bits would lose digits.
 */
export function parseQmp(text: string): { name: string; line: string } {
  const [, execute, rest] = /^\s*([\w-]+)\s*(.*)$/s.exec(text) ?? [];
  if (execute === undefined) throw new GuestError('ERR_GUEST_USAGE', `qmp: missing command in "${text}"`);
  if (rest === undefined || rest === '') return { name: execute, line: JSON.stringify({ execute }) };
  try {
    JSON.parse(rest);
    return { name: execute, line: `{"execute":${JSON.stringify(execute)},"arguments":${rest.replaceAll('\n', ' ')}}` };
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
        throw new GuestError('ERR_GUEST_QEMU', `qmp ${command.name}: ${JSON.stringify(message['error'])}`);
      } else if ('return' in message) {
        if (greeted) return message['return'];
        greeted = true;
        socket.write(`${command.line}\n`);
      }
    }
    throw new GuestError('ERR_GUEST_QEMU', `qmp ${command.name}: QEMU closed the connection`);
  } finally {
    socket.destroy();
  }
}
