// SPDX-License-Identifier: MIT
// Names of device registers, from the driver's own source: `#define E1000_CTRL 0x00000`, members of enums, and macros with one
// argument (`E1000_TDT(_n)`), as offsets. Best effort: a driver defines flags and sizes in the same way. What tells a register
// is how it is used: as an argument (`er32(STATUS)`, `writel(x, base + Cmd)`), where a flag stands between operators.
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Constant, constants, evaluate } from './constants.js';

export interface Register {
  readonly offset: number;
  readonly name: string;
}

/** Beyond the largest register file of a device that QEMU models. */
const LAST_OFFSET = 0x3_ffff;
/** Queues of which a macro's registers are named. */
const QUEUES = 4;
const MAX_FILES = 200;
/** What stands here is written, not where to. */
const VALUE_FIRST = /\b(iowrite\w*|write[bwlq](_relaxed)?|out[bwl])\s*\($/;
/** readl, er32, cpw16_f, E1000_READ_REG_ARRAY ... */
const ACCESSOR =
  /^_*(\w+_)?(er|ew|r|w|rd|wr|cpr|cpw|read|write|ioread|iowrite|in|out|get|set|mod|poll)([bwlq]|\d+)?(_\w+)?$/i;

/** Registers of something behind the device. */
const ELSEWHERE = /phy|mii|mdio|eeprom|nvm|pci|i2c/i;

/** Ends this text where a register may stand: behind `base +`, or as an argument of what reads and writes registers? */
function isPlace(before: string): boolean {
  if (before.endsWith('+')) return true;
  // The first argument, or the second behind a structure: `cpw8(Cmd, x)`, `RTL_W8(tp, ChipCmd, x)`.
  const callee = /(\w+)\s*\((\s*[&*]?[a-z][\w>.[\]-]*\s*,)?$/.exec(before)?.[1];
  return callee !== undefined && ACCESSOR.test(callee) && !ELSEWHERE.test(callee) && !VALUE_FIRST.test(before);
}

/** Uses of each name: as an argument of a call or an addend, and in all. */
function uses(sources: readonly string[]): Map<string, { argument: number; all: number }> {
  const out = new Map<string, { argument: number; all: number }>();
  for (const text of sources) {
    for (const m of text.matchAll(/(?<![\w.])[A-Za-z_]\w*/g)) {
      const one = out.get(m[0]) ?? { argument: 0, all: 0 };
      one.all++;
      const before = text.slice(Math.max(0, m.index - 80), m.index).trimEnd();
      const after = text.slice(m.index + m[0].length, m.index + m[0].length + 8).trimStart()[0] ?? ';';
      if ('),(+'.includes(after) && isPlace(before)) one.argument++;
      out.set(m[0], one);
    }
  }
  return out;
}

/** `E1000_` in `#define er32(reg) readl(hw->hw_addr + E1000_##reg)`. */
function pastedPrefixes(sources: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of sources) {
    for (const [, prefix] of text.matchAll(/\b(\w+)\s*##\s*\w+/g))
      counts.set(prefix as string, (counts.get(prefix as string) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([prefix]) => prefix);
}

/** Its comment says so: `Device Control - RW`. */
function isDescribed(c: Constant): boolean {
  return /\b(register|RW|R\/W|RO|WO|R\/clr|RC)\b/i.test(c.comment);
}

/** Chips of a family give one offset to two registers: then both names are told. */
function bestOf(list: { readonly name: string; readonly score: number }[]): string {
  const [first, second] = list.sort((a, b) => b.score - a.score);
  if (first === undefined) return '';
  return second !== undefined && second.score > first.score / 4 ? `${first.name}|${second.name}` : first.name;
}

/** The registers that these texts (the driver's .c and .h files) define; each offset once. */
export function registersIn(sources: readonly string[]): Register[] {
  const known = constants(sources);
  const used = uses(
    sources.map((text) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ' ').replace(/^\s*#\s*define\b.*$/gm, ' ')),
  );
  const prefixes = pastedPrefixes(sources);
  const candidates = new Map<number, { name: string; score: number }[]>();
  const score = (c: Constant): number => {
    const names = [c.name, ...prefixes.filter((p) => c.name.startsWith(p)).map((p) => c.name.slice(p.length))];
    let sum = 0;
    names.forEach((name, i) => {
      const use = used.get(name);
      // The prefix that most accessors paste is the one of the registers; another one is that of an exception.
      if (use !== undefined && use.argument * 5 >= use.all * 2) sum += use.argument / (i + 1);
    });
    // Offsets are written in hex; single bits and small decimal numbers are something else.
    if (/<<|^\(?\d+\)?$/.test(c.text) && !/^0x/i.test(c.text)) sum /= 10;
    if (prefixes.some((p) => c.name.startsWith(p))) sum *= 4;
    if (isDescribed(c)) return Math.max(0.5, sum * 4);
    // Written as an offset: 0x00018.
    return /^0x0[0-9a-f]{3,4}$/i.test(c.text) ? sum * 4 : sum;
  };
  const add = (offset: number | undefined, name: string, points: number): void => {
    if (offset === undefined || !Number.isInteger(offset) || offset < 0 || offset > LAST_OFFSET) return;
    const list = candidates.get(offset) ?? [];
    candidates.set(offset, list);
    list.push({ name, score: points });
  };
  for (const c of known.values()) {
    const points = score(c);
    if (points === 0) continue;
    if (c.parameter === undefined) add(evaluate(c.text, known), c.name, points);
    else for (let n = 0; n < QUEUES; n++) add(evaluate(c.text, known, { [c.parameter]: n }), `${c.name}(${n})`, points);
  }
  return [...candidates].map(([offset, list]) => ({ offset, name: bestOf(list) })).sort((a, b) => a.offset - b.offset);
}

/**
 * The files of a driver: its .c files, what they include by "...", and kernel headers with the driver's name.
 * `root`: the folder that `objects` (driver objects, such as drivers/net/x/y.o) are relative to.
 */
async function driverSources(
  root: string,
  kernel: string,
  objects: readonly string[],
  driver: string,
): Promise<string[]> {
  const seen = new Map<string, string>();
  const queue = objects.map((o) => join(root, o.replace(/\.o$/, '.c')));
  while (queue.length > 0 && seen.size < MAX_FILES) {
    const file = queue.shift() as string;
    if (seen.has(file)) continue;
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    seen.set(file, text);
    for (const [, own] of text.matchAll(/^\s*#\s*include\s+"([^"]+)"/gm))
      queue.push(join(dirname(file), own as string));
    for (const [, path] of text.matchAll(/^\s*#\s*include\s+<(linux\/[^>]+)>/gm)) {
      const name = basename(path as string, '.h');
      if (name.length > 2 && (driver.startsWith(name) || name.startsWith(driver)))
        queue.push(join(kernel, 'include', path as string));
    }
  }
  return [...seen.values()];
}

/** Never fails: without names a report shows offsets. */
export async function readRegisters(
  root: string,
  kernel: string,
  objects: readonly string[],
  driver: string,
): Promise<Register[]> {
  return registersIn(await driverSources(root, kernel, objects, driver));
}
