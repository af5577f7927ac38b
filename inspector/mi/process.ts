// SPDX-License-Identifier: MIT
// A gdb of our own that speaks MI on its stdin and stdout.
import { spawn } from 'node:child_process';
import { MiClient } from './client.js';

export interface GdbProcess {
  readonly client: MiClient;
  readonly pid: number;
  /** How it ended: "exit code 0", "SIGKILL". */
  readonly ended: Promise<string>;
  /** Closes gdb's stdin: it detaches, the program runs on, and gdb ends. Killed if it does not within the time (ms). */
  close(graceMs?: number): Promise<string>;
}

/** Rejects when gdb cannot be started. gdb's stderr goes to `onError`. */
export async function startGdb(
  args: readonly string[] = [],
  { command = 'gdb', onError = () => undefined }: { command?: string; onError?: (text: string) => void } = {},
): Promise<GdbProcess> {
  // A process group of its own: Ctrl-C is for the server, which lets the driver go in order.
  const child = spawn(command, ['-q', '-nx', '-i=mi4', ...args], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.stdin.on('error', () => undefined);
  const client = new MiClient({ write: (text) => child.stdin.write(text) });
  child.stdout.on('data', (chunk: Buffer) => client.feed(chunk));
  child.stderr.on('data', (chunk: Buffer) => onError(String(chunk)));
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      const reason = signal ?? `exit code ${code}`;
      client.end(reason);
      resolve(reason);
    });
  });
  return {
    client,
    pid: child.pid as number,
    ended,
    async close(graceMs = 3000) {
      child.stdin.end('-gdb-exit\n');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const reason = await ended;
      clearTimeout(timer);
      return reason;
    },
  };
}
