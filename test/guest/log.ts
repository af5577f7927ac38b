// SPDX-License-Identifier: MIT
// Finds in a kernel's log what must not be there.

import { LOG_MARK } from './init.js';

/** One line each; what belongs to it (a call trace) follows in the log. */
const FAULTS = [
  /\bBUG:/,
  /\bWARNING:/,
  /\bOops\b/,
  /kernel BUG at/,
  /Kernel panic/,
  /general protection fault/,
  /\bKASAN:|\bUBSAN:|\bKFENCE:|\bKCSAN:/,
  /DMAR:.*fault/,
  /DMA-API:/,
  /AMD-Vi: Event logged/,
  /rcu.*\b(stall|stalls)\b/,
  /INFO: task .* blocked for more than/,
  /soft lockup|hard LOCKUP/,
  /possible (circular|recursive) locking/,
  /suspicious RCU usage/,
  /refcount_t: /,
  /list_(add|del) corruption/,
  /Bad page state|bad page map|Bad rss-counter/i,
  /page allocation failure/,
  /Out of memory:/,
  /scheduling while atomic|sleeping function called/,
  /unexpected IRQ trap|nobody cared/,
  /slab.*(Objects remaining|corruption)/i,
];

/** The kernel's log of a console: all of it if the guest came to its end, else what the console showed. */
export function kernelLog(console: string): string {
  const mark = console.lastIndexOf(LOG_MARK);
  return (mark < 0 ? console : console.slice(mark + LOG_MARK.length + 1)).replaceAll('\r', '');
}

/** Lines that tell of a fault; `allowed` are expected ones. */
export function faultLines(log: string, allowed: readonly RegExp[] = []): string[] {
  return log
    .split('\n')
    .filter((line) => FAULTS.some((fault) => fault.test(line)) && !allowed.some((one) => one.test(line)));
}
