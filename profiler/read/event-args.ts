// SPDX-License-Identifier: MIT
// Reads arguments of typed events. The file's own event table is used, so older files, whose table may lack an event or
// an argument, stay readable: what is missing reads as 0.

import { isNumeric, numericArg } from '../../tracer/decode/args.js';
import type { PlacedArg, PlacedEvent, Trace } from '../../tracer/decode/types.js';
import type { ArgReader } from './topic.js';

const zero: ArgReader = () => 0;

/** `irq:softirq_raise` -> `softirq_raise`. */
export function shortName(event: PlacedEvent): string {
  return event.name.slice(event.name.indexOf(':') + 1);
}

export function findEvent(trace: Trace, short: string): PlacedEvent | undefined {
  for (const e of trace.eventById.values()) if (shortName(e) === short) return e;
  return undefined;
}

export function readerFor(arg: PlacedArg | undefined): ArgReader {
  if (arg === undefined || !isNumeric(arg)) return zero;
  const { word, shift } = arg;
  if (word === 0) return (b, i) => b.arg[i] as number;
  const at = word - 1;
  if (arg.type === 'u64') {
    return (b, i) => {
      const k = (b.payloadStart[i] as number) + at;
      return (b.payload[k] ?? 0) + (b.payload[k + 1] ?? 0) * 0x1_0000_0000;
    };
  }
  if (arg.type === 'u32') return (b, i) => b.payload[(b.payloadStart[i] as number) + at] ?? 0;
  if (arg.type.startsWith('i')) return (b, i) => numericArg(arg, b, i);
  const mask = arg.type === 'u8' ? 0xff : 0xffff;
  return (b, i) => ((b.payload[(b.payloadStart[i] as number) + at] ?? 0) >>> shift) & mask;
}

/** Readers of an event's arguments by name; undefined when the file does not know the event. */
export function readers(trace: Trace, short: string): { id: number; arg(name: string): ArgReader } | undefined {
  const event = findEvent(trace, short);
  if (event === undefined) return undefined;
  return { id: event.id, arg: (name) => readerFor(event.args.find((a) => a.name === name)) };
}
