// SPDX-License-Identifier: MIT
// Typed events as lines of text or JSON, all arguments by name: what tables and viewers leave out.

import { eventArgs, isNumeric, numericArg, numbersArg, symbolName } from '../../tracer/decode/args.js';
import type { EventBatch, PlacedArg, PlacedEvent, Trace } from '../../tracer/decode/types.js';

type Place = (batch: EventBatch, i: number, event: PlacedEvent) => string;

/** Hooks of ours go by the name of the function that they stand in front of (runtime/arch/dde/tables/hooks.txt). */
const symbol = (trace: Trace, addr: number): string => symbolName(trace, addr).replace(/^__wrap_/, '');

function shown(trace: Trace, arg: PlacedArg, batch: EventBatch, i: number, plain: number | string): string {
  if (arg.type === 'u32s')
    return numbersArg(arg, batch, i)
      .map((n) => (arg.format === 'sym' ? symbol(trace, n) : String(n)))
      .join(' < ');
  if (!isNumeric(arg)) return arg.format === 'text' && arg.type !== 'bytes' ? JSON.stringify(plain) : String(plain);
  const value = numericArg(arg, batch, i);
  switch (arg.format) {
    case 'hex':
      return value < 0 ? String(value) : `0x${value.toString(16)}`;
    case 'sym':
      return value === 0 ? '0' : symbol(trace, value);
    case 'enum':
      return trace.enums[arg.enum ?? '']?.[value] ?? String(value);
    default:
      return String(value);
  }
}

/**
 * `  0.123456789  ksoftirqd/0-12  tcp:tcp_probe sport=5001 ...`
 * @param from where the times of the trace, which may be a part of one, begin; ns
 */
export function textLine(trace: Trace, from: number): Place {
  return (batch, i, event) => {
    const plain = eventArgs(event, batch, i);
    const args = event.args.map((arg) => `${arg.name}=${shown(trace, arg, batch, i, plain[arg.name] ?? '')}`);
    const at = ((from + (batch.ts[i] as number)) / 1e9).toFixed(9).padStart(14);
    return `${at}  ${`${batch.thread.name}-${batch.thread.tid}`.padEnd(20)} ${[event.name, ...args].join(' ')}\n`;
  };
}

/** One JSON object a line: `at` in ns since the start of the trace, `thread`, `tid`, `name`, `args`. */
export function jsonLine(from: number): Place {
  return (batch, i, event) =>
    `${JSON.stringify({
      at: Math.round(from + (batch.ts[i] as number)),
      thread: batch.thread.name,
      tid: batch.thread.tid,
      name: event.name,
      args: eventArgs(event, batch, i),
    })}\n`;
}
