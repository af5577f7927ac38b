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

const loop = (turns: string): string => `for (unsigned long n = ${turns}; n; n--)\n\t\tasm volatile("" : "+r"(n));\n`;

/** Nanoseconds of one turn of the loop on this machine, now: the best of some tries. */
function turnNs(dir: string): number {
  const source = join(dir, 'turn.c');
  const program = join(dir, 'turn');
  writeFileSync(
    source,
    `#include <stdio.h>\n#include <time.h>\nint main(void)\n{\n\tdouble best = 1e9;\n\tfor (int k = 0; k < 50; k++) {\n` +
      `\t\tstruct timespec a, b;\n\t\tclock_gettime(CLOCK_MONOTONIC, &a);\n\t\t${loop('1000000')}` +
      `\t\tclock_gettime(CLOCK_MONOTONIC, &b);\n\t\tdouble ns = (b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec);\n` +
      `\t\tif (ns < best)\n\t\t\tbest = ns;\n\t}\n\tprintf("%g\\n", best / 1000000);\n\treturn 0;\n}\n`,
  );
  execFileSync('gcc', ['-O2', '-o', program, source]);
  return Number(execFileSync(program, { encoding: 'utf8' }));
}

/** Makes the function of a copy longer by so many nanoseconds a call. */
export function slowDown(copy: string, ns: number): void {
  const file = join(copy, 'netdev.c');
  const turns = Math.max(1, Math.round(ns / turnNs(join(copy, '..'))));
  const text = readFileSync(file, 'utf8');
  const slow = text.replace(BODY, (head) => `${head}\n\t${loop(`${turns}UL`)}`);
  if (slow === text) throw new Error(`${file}: ${SLOWED} looks otherwise than expected`);
  writeFileSync(file, slow);
}

/** Records the copies in turn, as a machine changes its speed over time. */
export function recordInTurn(
  copies: readonly string[],
  dirs: readonly string[],
  runs: number,
  workload: readonly string[],
  progress: (text: string) => void = () => undefined,
): void {
  for (const dir of dirs) mkdirSync(dir, { recursive: true });
  for (let i = 0; i < runs; i++) {
    copies.forEach((copy, k) => {
      progress(`run ${i + 1}/${runs} of ${copies.length}: ${k + 1}`);
      const out = join(dirs[k] as string, `${String(i).padStart(3, '0')}.ddet`);
      const what = ['--functions', '*', '--events', 'sched,irq,napi', '--no-findings'];
      tool(['record', copy, '--device', 'e1000e', '-o', out, ...what, '--', ...workload]);
    });
  }
}
