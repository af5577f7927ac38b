// SPDX-License-Identifier: MIT
// Who may talk to the server. A debugger runs code as the user it runs as, so a web page, another host or another user must not reach it.
import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';

/**
 * The Host header of a browser that was led here by a name of the attacker's (DNS rebinding) is that name. Only literal loopback
 * addresses and `localhost` pass: `isIPv4` takes no octal or short forms, which other parsers take for other hosts.
 */
export function hostAllowed(host: string | undefined): boolean {
  const found = /^(\[::1\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(host ?? '');
  if (found === null || Number(found[2] ?? 1) > 65535) return false;
  const name = (found[1] as string).toLowerCase();
  return name === 'localhost' || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'));
}

/** Tools send no Origin, Chromium's own front end sends its own, pages served by us send our address. */
export function originAllowed(origin: string | undefined, port: number): boolean {
  if (origin === undefined) return true;
  return ['devtools://devtools', `http://127.0.0.1:${port}`, `http://localhost:${port}`].includes(origin);
}

/** An IPv4 address and port as /proc/net/tcp writes it. */
function procAddress(address: string, port: number): string {
  const bytes = address.split('.').map(Number).reverse();
  const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');
  return `${bytes.map((byte) => hex(byte, 2)).join('')}:${hex(port, 4)}`;
}

/**
 * The user at the other end of a loopback connection: every user of the machine can connect, and /json would tell the secret id.
 * Undefined when the connection is gone, or no IPv4 one.
 */
export function peerUser(
  from: { readonly address: string | undefined; readonly port: number | undefined },
  to: { readonly address: string | undefined; readonly port: number | undefined },
  table: () => string = () => readFileSync('/proc/net/tcp', 'latin1'),
): number | undefined {
  if (from.address === undefined || from.port === undefined || to.address === undefined || to.port === undefined)
    return undefined;
  if (!isIPv4(from.address) || !isIPv4(to.address)) return undefined;
  const local = procAddress(from.address, from.port);
  const remote = procAddress(to.address, to.port);
  for (const line of table().split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === local && fields[2] === remote) return Number(fields[7]);
  }
  return undefined;
}

/** Root could look into the process anyway. */
export function userAllowed(user: number | undefined): boolean {
  return user !== undefined && (user === 0 || user === process.getuid?.());
}
