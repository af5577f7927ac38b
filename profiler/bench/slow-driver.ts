// SPDX-License-Identifier: MIT
// Two builds of e1000e out of the kernel's own source, one of them with a delay in one function: what `diff` has to find.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tool } from './measure.js';

/** Called for each packet sent; most of its time is its own. */
export const SLOWED = 'e1000_xmit_frame';
const BODY = /(static netdev_tx_t e1000_xmit_frame\([^{]*\{\n(?:\t[^\n(]*(?:\([^\n]*\))?;\n)*)/;

/** The kernel's folder of the driver, as a module outside of the tree. Both copies have one name: paths name the driver. */
export function copyDriver(dir: string): string {
  const { manifest } = JSON.parse(tool(['build', 'e1000e', '--json'])) as { manifest: { sourceRoot: string } };
  const copy = join(dir, 'e1000e');
  mkdirSync(dir, { recursive: true });
  cpSync(join(manifest.sourceRoot, 'drivers/net/ethernet/intel/e1000e'), copy, { recursive: true });
  const makefile = join(copy, 'Makefile');
  writeFileSync(makefile, readFileSync(makefile, 'utf8').replace('obj-$(CONFIG_E1000E)', 'obj-m'));
  return copy;
}

/**
 * A wait by the time stamp counter, with nothing before or after it under way: a counted loop of some tens of nanoseconds is lost
 * in the time that the processor waits for memory anyhow.
 */
const wait = (cycles: string): string =>
  '{ unsigned int lo, hi; unsigned long now, end;\n' +
  '\tasm volatile("lfence; rdtsc; lfence" : "=a"(lo), "=d"(hi) :: "memory");\n' +
  `\tend = ((unsigned long)hi << 32 | lo) + ${cycles};\n` +
  '\tdo {\n\t\tasm volatile("lfence; rdtsc; lfence" : "=a"(lo), "=d"(hi) :: "memory");\n' +
  '\t\tnow = (unsigned long)hi << 32 | lo;\n\t} while (now < end); }\n';

/** Cycles of the time stamp counter in a nanosecond. */
function cyclesPerNs(dir: string): number {
  const source = join(dir, 'cycles.c');
  const program = join(dir, 'cycles');
  writeFileSync(
    source,
    '#include <stdio.h>\n#include <time.h>\n#include <x86intrin.h>\nstatic double ns(void)\n{\n\tstruct timespec t;\n' +
      '\tclock_gettime(CLOCK_MONOTONIC, &t);\n\treturn t.tv_sec * 1e9 + t.tv_nsec;\n}\nint main(void)\n{\n' +
      '\tdouble a = ns(), b;\n\tunsigned long long c = __rdtsc();\n\tdo\n\t\tb = ns();\n\twhile (b - a < 5e7);\n' +
      '\tprintf("%.6f\\n", (__rdtsc() - c) / (b - a));\n\treturn 0;\n}\n',
  );
  execFileSync('gcc', ['-O2', '-o', program, source]);
  return Number(execFileSync(program, { encoding: 'utf8' }));
}

/**
 * Makes the function of a copy longer by so many nanoseconds a call. With 0 it is the copy to compare with: the same
 * instructions but for one number, so that the two builds differ in nothing else, not in where code lies either.
 */
export function slowDown(copy: string, ns: number): void {
  const file = join(copy, 'netdev.c');
  const cycles = Math.round(ns * cyclesPerNs(join(copy, '..')));
  const text = readFileSync(file, 'utf8');
  const slow = text.replace(BODY, (head) => `${head}\n\t${wait(`${cycles}UL`)}`);
  if (slow === text) throw new Error(`${file}: ${SLOWED} looks otherwise than expected`);
  writeFileSync(file, slow);
}

/** The last CPU that this process may use: the first is where interrupts go. */
function lastCpu(): string {
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return list.split(/[-,]/).at(-1) as string;
}

/**
 * Records the copies in turn, as a machine changes its speed over time. `oneCpu`: driver and device share one; that takes longer, and the
 * fastest calls of a function stay within a hundredth from run to run, while on two CPUs they move by a tenth.
 */
export function recordInTurn(
  copies: readonly string[],
  dirs: readonly string[],
  runs: number,
  workload: readonly string[],
  {
    oneCpu = false,
    progress = () => undefined,
  }: { readonly oneCpu?: boolean; readonly progress?: (text: string) => void } = {},
): void {
  for (const dir of dirs) mkdirSync(dir, { recursive: true });
  for (const copy of copies) {
    progress('build');
    tool(['build', copy]);
  }
  const prefix = oneCpu ? ['taskset', '-c', lastCpu()] : [];
  for (let i = 0; i < runs; i++) {
    copies.forEach((copy, k) => {
      progress(`run ${i + 1}/${runs} of ${copies.length}: ${k + 1}`);
      const out = join(dirs[k] as string, `${String(i).padStart(3, '0')}.ddet`);
      const what = ['--functions', '*', '--events', 'sched,irq,napi', '--no-findings'];
      tool(['record', copy, '--device', 'e1000e', '-o', out, ...what, '--', ...workload], prefix);
    });
  }
}
