// SPDX-License-Identifier: MIT
// A crash on one page: what, where, in which context, and what was going on. Pure: from facts and named frames to text.

import type { CrashFacts } from '../../run/index.js';
import { type CodeFrame, frameLine } from './symbolise.js';

export interface DmaMapping {
  readonly id: number;
  readonly dma: string;
  readonly size: number;
  readonly direction: string;
  /** Who mapped it: `function at file.c:12`. */
  readonly by: string;
}

export interface CrashPage {
  /** One sentence. */
  readonly what: string;
  /** What that may mean; empty when nothing is known. */
  readonly notes: readonly string[];
  readonly thread: string;
  readonly pid?: number;
  /** `softirq`, `interrupt`, `nmi` or `thread`. */
  readonly context?: string;
  readonly interruptsOff?: boolean;
  readonly preemptDepth?: number;
  /** Innermost first. */
  readonly stack: readonly CodeFrame[];
  readonly registers?: Readonly<Record<string, string>>;
  readonly dma?: { readonly count: number; readonly bytes: number; readonly newest: readonly DmaMapping[] };
}

const DIRECTIONS = ['BIDIRECTIONAL', 'TO_DEVICE', 'FROM_DEVICE', 'NONE'];
const SI_KERNEL = 0x80;
const SIGSEGV = 11;
const SIGABRT = 6;
const NULL_PAGE = 4096;
const ACCESS: Readonly<Record<string, string>> = { read: 'read of', write: 'write to', execute: 'call of' };

/** include/linux/poison.h, with CONFIG_ILLEGAL_POINTER_VALUE 0. */
const LIST_POISON: readonly (readonly [low: number, high: number])[] = [
  [0x100, 0x10f],
  [0x122, 0x131],
];

function numberOf(address: string | undefined): number {
  return address === undefined || address === '(nil)' ? 0 : Number(address);
}

function titleOf({ crash }: CrashFacts, bug: string | undefined): string {
  const { reason, signal, address, access, code, text, stage, seconds } = crash;
  if (reason === 'watchdog')
    return `watchdog: thread '${crash.thread}' has held the virtual CPU for ${seconds} s without yielding`;
  if (reason === 'hung') return `the driver's ${stage} has not returned`;
  if (reason === 'panic') return bug ?? `Kernel panic: ${text ?? ''}`;
  if (signal === SIGSEGV && code === SI_KERNEL)
    return `${reason}: an address that no memory can have (see the registers)`;
  if (signal === SIGSEGV) return `${reason}: ${ACCESS[access ?? ''] ?? 'access to'} address ${address}`;
  return reason;
}

function poisoned(registers: Readonly<Record<string, string>>): string[] {
  return Object.entries(registers).flatMap(([name, value]) =>
    /^0x6b6b6b6b6b6b6b[0-9a-f]{2}$/.test(value) ? [`${name} holds ${value}: read from memory that had been freed`] : [],
  );
}

/** How the note of such a crash begins. */
export const STACK_OVERFLOW = 'stack overflow: ';

/** The lowest page of a stack is its guard; the call that faults there may not have made its frame yet. */
const GUARD = 4096 + 256;

function ranOver(stack: CrashFacts['stack']): stack is NonNullable<CrashFacts['stack']> {
  return stack !== undefined && stack.used > stack.size - GUARD;
}

/** What experience tells of such faults. */
function notesOf({ crash, stack }: CrashFacts, frames: readonly CodeFrame[], driverFiles: readonly string[]): string[] {
  const notes: string[] = [];
  const at = numberOf(crash.address);
  // The thread that boots has another stack.
  if (ranOver(stack) && crash.thread !== 'swapper')
    notes.push(`${STACK_OVERFLOW}${stack.used} bytes are in use, the stack has ${stack.size}, its guard page included`);
  if (crash.signal === SIGSEGV && crash.code !== SI_KERNEL) {
    const poison = LIST_POISON.some(([low, high]) => at >= low && at <= high);
    if (poison)
      notes.push('the address is what list_del() leaves in an entry: it was deleted twice, or used afterwards');
    else if (at < NULL_PAGE)
      notes.push(at === 0 ? 'a NULL pointer' : `a NULL pointer: the member at offset ${at} of what it should point to`);
  }
  if (crash.signal === SIGABRT)
    notes.push('the C library gave up: heap corruption, unless the stack shows another reason');
  notes.push(...poisoned(crash.registers ?? {}));
  // With the functions that are inlined there, the list helpers of a header for instance.
  const innermost = frames.slice(0, frames.findIndex((frame) => !frame.inlined) + 1);
  const own = innermost.some(({ file }) => driverFiles.some((name) => file?.endsWith(`/${name}`) === true));
  if (crash.signal !== undefined && innermost[0]?.file !== undefined && !own)
    notes.push(
      'the fault is in code of Linux: the driver passed it something wrong, or memory was damaged earlier (`dde-profile check --with slub-debug` says whose)',
    );
  return notes;
}

export interface PageFacts {
  readonly facts: CrashFacts;
  readonly frames: readonly CodeFrame[];
  /** Of the newest DMA mappings, in their order: who made each. */
  readonly mappers: readonly (CodeFrame | undefined)[];
  /** The driver's C files, relative to the kernel's source or absolute. */
  readonly driverFiles: readonly string[];
  /** What a BUG() said on the console. */
  readonly bug?: string | undefined;
}

export function crashPage({ facts, frames, mappers, driverFiles, bug }: PageFacts): CrashPage {
  const { crash, context, dma } = facts;
  return {
    what: titleOf(facts, bug),
    notes: notesOf(facts, frames, driverFiles),
    thread: crash.thread ?? '?',
    ...(context === undefined
      ? {}
      : {
          pid: context.pid,
          context: context.context,
          interruptsOff: context.interruptsOff,
          preemptDepth: context.preemptDepth,
        }),
    stack: frames,
    ...(crash.registers === undefined ? {} : { registers: crash.registers }),
    ...(dma === undefined
      ? {}
      : {
          dma: {
            count: dma.count,
            bytes: dma.bytes,
            newest: dma.newest.map(({ id, dma: address, size, dir, coherent, caller }, i) => ({
              id,
              dma: address,
              size,
              direction: coherent ? 'coherent' : (DIRECTIONS[dir & 3] as string),
              by: mappers[i] === undefined ? caller : frameLine(mappers[i]),
            })),
          },
        }),
  };
}

/** The stack as the runtime prints those of WARNs: what reads the console finds both. */
export function stackLines(page: Pick<CrashPage, 'thread' | 'stack'>): string[] {
  return [
    `dde: stack of '${page.thread}' (innermost first):`,
    ...page.stack.flatMap((frame, i) => [
      ...(frame.omitted === undefined ? [] : [`... ${frame.omitted} more frames ...`]),
      frameLine(frame, page.stack[i - 1]),
    ]),
  ];
}

function contextText({ thread, pid, context, interruptsOff, preemptDepth }: CrashPage): string {
  const words = [
    `${thread}${pid === undefined ? '' : ` (pid ${pid})`}`,
    ...(context === undefined || context === 'thread' ? [] : [`in ${context === 'interrupt' ? 'an' : 'a'} ${context}`]),
    ...(interruptsOff === true ? ['interrupts off'] : []),
    ...(preemptDepth !== undefined && preemptDepth > 0 ? [`preemption off (depth ${preemptDepth})`] : []),
  ];
  return words.join(', ');
}

function registerLines(registers: Readonly<Record<string, string>>): string[] {
  const cells = Object.entries(registers).map(
    ([name, value]) => `${name.padEnd(6)} ${value.slice(2).padStart(16, '0')}`,
  );
  const lines: string[] = [];
  for (let i = 0; i < cells.length; i += 3) lines.push(`  ${cells.slice(i, i + 3).join('  ')}`);
  return lines;
}

function dmaLines({ count, bytes, newest }: NonNullable<CrashPage['dma']>): string[] {
  if (count === 0) return ['DMA: nothing is mapped'];
  const head = `DMA: ${count} live mapping${count === 1 ? '' : 's'}, ${bytes} bytes; the newest:`;
  return [
    head,
    ...newest.map(({ id, dma, size, direction, by }) => `  ${id}  ${dma}+${size}  ${direction}  mapped by ${by}`),
  ];
}

/** Ends with a newline. `open`: how to look at it in gdb. */
export function renderPage(page: CrashPage, open: string): string {
  return [
    `dde: crash: ${page.what}`,
    ...page.notes.map((note) => `  ${note}`),
    `thread: ${contextText(page)}`,
    ...stackLines(page),
    ...(page.registers === undefined ? [] : ['registers:', ...registerLines(page.registers)]),
    ...(page.dma === undefined ? [] : dmaLines(page.dma)),
    `in gdb: ${open}`,
    '',
  ].join('\n');
}
