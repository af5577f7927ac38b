// SPDX-License-Identifier: MIT
// The kernel's own reports, read from the console: WARN, BUG, lockdep, DMA-API, ODEBUG, SLUB, UBSAN, KASAN, KCSAN, kmemleak.

import type { Evidence, Finding, Severity } from '../model/index.js';
import { KERNEL_ERROR } from '../topics/kernel-reports/pattern.js';

interface Pattern {
  readonly kind: string;
  readonly severity: Severity;
  readonly match: RegExp;
  readonly hint: string;
}

/** The first that fits a line begins a report. More specific ones stand before those that fit all WARNs and BUGs. */
const PATTERNS: readonly Pattern[] = [
  {
    kind: 'lockdep',
    severity: 'error',
    match:
      /(possible circular locking|possible recursive locking|inconsistent lock state|irq lock inversion|irq-safe -> |unsafe lock order|bad unlock balance|held lock freed|lock held when returning|suspicious RCU usage|Invalid wait context|trying to register non-static key).*/,
    hint: 'lockdep shows the chain of locks on the console (--verbose): take them in one order, or with interrupts off',
  },
  {
    kind: 'atomic-sleep',
    severity: 'error',
    match: /BUG: (sleeping function called from invalid context.*|scheduling while atomic.*)/,
    hint: 'code that holds a spinlock or runs in an interrupt may not sleep: GFP_ATOMIC, or a work item',
  },
  {
    kind: 'kasan',
    severity: 'error',
    match: /BUG: KASAN: (.*)/,
    hint: 'the console has both stacks: access and allocation or free',
  },
  {
    kind: 'kcsan',
    severity: 'error',
    match: /BUG: KCSAN: (.*)/,
    hint: 'two contexts access the same data without a lock',
  },
  {
    kind: 'slub',
    severity: 'error',
    match: /BUG \S+ \([^)]*\): (.*)|=+ BUG (.*)/,
    hint: 'a slab object was written to outside of it, or after it was freed',
  },
  {
    kind: 'kmemleak',
    severity: 'error',
    match: /(unreferenced object 0x\S+ \(size \d+\))|kmemleak: (\d+ new suspected memory leaks.*)/,
    hint: 'nothing points to this memory any more: it should have been freed',
  },
  {
    kind: 'dma-debug',
    severity: 'error',
    match: /DMA-API: (.*)/,
    hint: 'a mapping and its unmap or sync must agree in function, size and direction; each mapping needs dma_mapping_error()',
  },
  {
    kind: 'object-debug',
    severity: 'error',
    match: /ODEBUG: (.*)/,
    hint: 'a timer or work item was freed or initialised while it was active: del_timer_sync() or cancel_work_sync() first',
  },
  {
    kind: 'list-corruption',
    severity: 'error',
    match: /((?:list_add|list_del|slist_add) (?:corruption|double add).*)/,
    hint: 'an entry was added or removed twice, or freed while it was on the list',
  },
  {
    kind: 'ubsan',
    severity: 'error',
    match: /UBSAN: (.*)/,
    hint: 'undefined behaviour of C: what the compiler makes of it may change',
  },
  {
    kind: 'tx-timeout',
    severity: 'error',
    match: /NETDEV WATCHDOG: (.*)/,
    hint: 'the driver stopped its queue and did not wake it: a lost interrupt, or a ring that is not cleaned',
  },
  {
    kind: 'hung-task',
    severity: 'error',
    match: /INFO: (task .* blocked for more than.*)/,
    hint: 'what it waits for never came',
  },
  {
    kind: 'irq-nobody-cared',
    severity: 'error',
    match: /(irq \d+: nobody cared.*)/,
    hint: 'the handler returns IRQ_NONE for interrupts of its device',
  },
  {
    kind: 'kernel-error',
    severity: 'error',
    match: KERNEL_ERROR,
    hint: 'Linux says that what the driver did to it cannot be right; the stack on the console (--verbose) shows where',
  },
  {
    kind: 'stack-overflow',
    severity: 'error',
    match: /dde: stack overflow: (.*)/,
    hint: 'a recursion without an end, or large arrays on the stack: a kernel thread has few pages of it',
  },
  {
    kind: 'crash',
    severity: 'error',
    match: /the driver process got (.*), in thread/,
    hint: 'the stack is on the console',
  },
  {
    kind: 'hung',
    severity: 'error',
    match:
      /watchdog: (thread '.*' has held the virtual CPU for \d+ s without yielding)|dde: (the driver's \S+ has not returned after \d+ s)/,
    hint: 'a loop that waits for the device needs a limit; wait_for_completion_timeout() and readl_poll_timeout() have one',
  },
  {
    kind: 'kernel-bug',
    severity: 'error',
    match: /kernel BUG at (.*)|(BUG: failure at .*)!/,
    hint: 'a BUG_ON() was hit',
  },
  {
    kind: 'oops',
    severity: 'error',
    match: /(Unable to handle kernel .*|BUG: kernel NULL pointer.*|Oops: .*)/,
    hint: 'the stack is on the console',
  },
  { kind: 'panic', severity: 'error', match: /Kernel panic - not syncing: (.*)/, hint: 'the stack is on the console' },
  {
    kind: 'kernel-warning',
    severity: 'warning',
    match: /WARNING: CPU: \d+ PID: \d+ at (\S+:\d+)/,
    hint: 'a WARN_ON() was hit',
  },
];

const FATAL = /^(kernel-bug|oops|crash)$/;
const CUT_HERE = /-+\[ cut here \]-+/;
const END = /---\[ end trace/;
const STAMP = /^(?:<\d+>)?\[\s*(\d+)\.(\d+)\]\s?/;
/** `e1000_probe at netdev.c:7359` of addr2line; `(inlined by)` in front of what holds an inlined function. */
const FRAME = /^\s*(?:\(inlined by\) )?(\w[\w.]*) at (\S+?):(\d+)(?: \(discriminator \d+\))?$/;
const STACK_HEAD = /stack of '([^']*)'/;
const WARN_AT = /WARNING: CPU: \d+ PID: \d+ at (\S+:\d+)/;

interface Report {
  readonly pattern: Pattern;
  readonly title: string;
  readonly at: number;
  thread: string;
  readonly frames: { name: string; source: string }[];
  /** `file:line` of the WARN itself. */
  warnAt: string | undefined;
  /** What a WARN() was given to say. */
  words: string | undefined;
}

export interface KernelLogOptions {
  /** The driver's C files, relative to the kernel's source: a report is put at the innermost frame that is in one of them. */
  readonly driverFiles: readonly string[];
}

function textOf(pattern: Pattern, line: string): string | undefined {
  const found = pattern.match.exec(line);
  if (found === null) return undefined;
  return (found.slice(1).find((group) => group !== undefined) ?? found[0]).trim();
}

function begin(line: string, at: number): Report | undefined {
  for (const pattern of PATTERNS) {
    const title = textOf(pattern, line);
    if (title !== undefined)
      return { pattern, title, at, thread: '?', frames: [], warnAt: undefined, words: undefined };
  }
  return undefined;
}

/** Lines of a report that are not its words. */
const FORM =
  /^(Modules linked in|CPU:|Hardware name|Call Trace|RIP:|dde: |WARNING:|irq event|hardirqs|softirqs|Workqueue:|Tainted)/;

function sayOwnWords(report: Report, line: string): void {
  const text = line.trim();
  if (
    report.pattern.kind === 'kernel-warning' &&
    report.frames.length === 0 &&
    text !== '' &&
    !FORM.test(text) &&
    !END.test(text)
  )
    report.words ??= text;
}

/** The report that a line begins, unless it only says more about the one before. */
function startsNew(next: Report, current: Report | undefined): boolean {
  if (current === undefined) return true;
  // A BUG ends in a panic, which has the stack.
  if (next.pattern.kind === 'panic' && current.frames.length === 0 && FATAL.test(current.pattern.kind)) return false;
  // A checker's WARN: "DMA-API: ..." stands beside "WARNING: CPU: ..." in one report.
  return current.pattern.kind !== 'kernel-warning' && next.pattern.kind !== 'kernel-warning';
}

function reports(lines: Iterable<string>): Report[] {
  const all: Report[] = [];
  let current: Report | undefined;
  let inStack = false;
  const close = (): void => {
    if (current !== undefined) all.push(current);
    current = undefined;
    inStack = false;
  };
  let at = 0;
  for (const line of lines) {
    const stamp = STAMP.exec(line);
    if (stamp !== null) at = Number(stamp[1]) * 1e9 + Number(stamp[2]) * 1000;
    const text = line.replace(STAMP, '');
    if (CUT_HERE.test(text)) close();
    const next = begin(text, at);
    if (next?.pattern.kind === 'stack-overflow' && current?.pattern.kind === 'crash' && current.frames.length === 0) {
      // It is what the crash before it is about.
      current = { ...next, title: `stack overflow: ${next.title}`, thread: current.thread };
    } else if (next !== undefined && startsNew(next, current)) {
      close();
      current = next;
    } else if (next !== undefined && current !== undefined && current.pattern.kind === 'kernel-warning') {
      // The checker's own words are the better title.
      current = { ...next, frames: current.frames, thread: current.thread, warnAt: current.warnAt };
    } else if (next === undefined && current !== undefined && !inStack && !STACK_HEAD.test(text) && !FRAME.test(text)) {
      sayOwnWords(current, text);
    }
    if (current === undefined) continue;
    current.warnAt ??= WARN_AT.exec(text)?.[1];
    const head = STACK_HEAD.exec(text);
    if (head !== null) {
      // One stack is enough: the first is of the place where it was noticed.
      inStack = current.frames.length === 0;
      if (inStack) current.thread = head[1] as string;
      continue;
    }
    const frame = FRAME.exec(text);
    if (frame !== null) {
      if (inStack) current.frames.push({ name: frame[1] as string, source: `${frame[2]}:${frame[3]}` });
    } else inStack = false;
    if (END.test(text)) close();
  }
  close();
  return all;
}

/** The driver's frame, with the whole path of its file: addr2line tells the last part only. */
function sourceOf(report: Report, driverFiles: readonly string[]): string | undefined {
  for (const { source } of report.frames) {
    const [file, line] = source.split(':') as [string, string];
    const path = driverFiles.find((one) => one === file || one.endsWith(`/${file}`));
    if (path !== undefined) return `${path}:${line}`;
  }
  return report.warnAt ?? report.frames[0]?.source;
}

function evidenceOf(report: Report, driverFiles: readonly string[]): Evidence {
  const source = sourceOf(report, driverFiles);
  return {
    at: report.at,
    thread: report.thread,
    ...(source === undefined ? {} : { source }),
    stack: report.frames.map(({ name, source: where }) => `${name} (${where})`).reverse(),
    text: report.title,
  };
}

function warnTitle({ title, words }: Report): string {
  return `the kernel issued a WARN at ${title}${words === undefined ? '' : `: ${words}`}`;
}

/** Evidence of one finding at most. */
const SHOWN = 3;

/** Findings from the lines of a console, worst first. Reports of one kind at one place are one finding. */
export function findingsOfKernelLog(lines: Iterable<string>, { driverFiles }: KernelLogOptions): Finding[] {
  const groups = new Map<string, { report: Report; evidence: Evidence[]; count: number }>();
  for (const report of reports(lines)) {
    const evidence = evidenceOf(report, driverFiles);
    const title = `${report.title} ${report.words ?? ''}`.replaceAll(/0x[0-9a-f]+|\d+/gi, '#');
    const key = [report.pattern.kind, evidence.source ?? '', title].join('\n');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { report, evidence: [evidence], count: 1 });
    else {
      group.count++;
      if (group.evidence.length < SHOWN) group.evidence.push(evidence);
    }
  }
  return [...groups.values()]
    .map(({ report, evidence, count }) => ({
      kind: report.pattern.kind,
      severity: report.pattern.severity,
      title: report.pattern.kind === 'kernel-warning' ? warnTitle(report) : report.title,
      hint: report.pattern.hint,
      count,
      evidence,
    }))
    .sort((a, b) => Number(a.severity !== 'error') - Number(b.severity !== 'error') || b.count - a.count);
}
