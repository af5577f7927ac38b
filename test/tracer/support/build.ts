// SPDX-License-Identifier: MIT
// Builds the C test programs and gives their paths. Test files run side by side, so the build is behind a lock.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot as root } from '../../../profiler/setup/root.js';

export function buildC(target: string, sanitizer?: 'asan' | 'ubsan' | 'tsan'): string {
  const dir = join(root, 'build/test/tracer', sanitizer ?? 'plain');
  mkdirSync(dir, { recursive: true });
  const san = sanitizer ? [`SAN=${sanitizer}`] : [];
  execFileSync(
    'flock',
    [`${dir}/lock`, 'make', '-s', '-C', join(root, 'test/tracer'), `O=${dir}`, ...san, join(dir, target)],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return join(dir, target);
}

export interface Produced {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Events by thread uid: begun, and finished. */
  readonly begun: readonly number[];
  readonly done: readonly number[];
}

export interface Producer {
  readonly pid: number;
  readonly ready: Promise<void>;
  readonly ended: Promise<Produced>;
  kill(): void;
}

/** Starts the synthetic driver process on a region. */
export function startProducer(fd: number, counts: string, args: readonly (string | number)[]): Producer {
  const child = spawn(buildC('producer'), ['--trace-fd', '3', '--counts', counts, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit', fd],
  });
  const ready = new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  const ended = new Promise<Produced>((resolve) => {
    child.once('exit', (code, signal) => {
      const bytes = readFileSync(counts);
      const words = Array.from({ length: bytes.length / 8 }, (_, i) => Number(bytes.readBigUInt64LE(i * 8)));
      resolve({ code, signal, begun: words.slice(0, 1024), done: words.slice(1024) });
    });
  });
  return { pid: child.pid as number, ready, ended, kill: () => void child.kill('SIGKILL') };
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
