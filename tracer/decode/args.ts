// SPDX-License-Identifier: MIT
// The arguments of typed events and of calls, by name.
import {
  type EventBatch,
  KIND,
  type PlacedArg,
  type PlacedEvent,
  type SiteArg,
  type Trace,
  type TraceSymbol,
} from './types.js';

/** Bits of a number's low word; what is missing here is no number. */
const WIDTH: Readonly<Record<string, number>> = {
  u8: 0xff,
  u16: 0xffff,
  u32: 0xffffffff,
  u64: 0xffffffff,
  i8: 0xff,
  i16: 0xffff,
  i32: 0xffffffff,
  i64: 0xffffffff,
};

/** Numbers are read by numericArg, all others by textArg. */
export const isNumeric = (arg: PlacedArg): boolean => arg.type in WIDTH;

/** One numeric argument of event i of a batch; 64 bits as a double. What the record is too short for reads as 0. */
export function numericArg(arg: PlacedArg, batch: EventBatch, i: number): number {
  const width = WIDTH[arg.type] ?? 0;
  if (arg.word === 0) return (((batch.arg[i] as number) >>> arg.shift) & width) >>> 0;
  const start = batch.payloadStart[i] as number;
  const words = batch.payload[start - 1] ?? 0;
  const word = (n: number): number => (n < words ? (batch.payload[start + n] as number) : 0);
  const low = ((word(arg.word - 1) >>> arg.shift) & width) >>> 0;
  switch (arg.type) {
    case 'u64':
      return word(arg.word) * 0x100000000 + low;
    case 'i64':
      return (word(arg.word) | 0) * 0x100000000 + low;
    case 'i32':
      return low | 0;
    case 'i16':
      return (low << 16) >> 16;
    case 'i8':
      return (low << 24) >> 24;
    default:
      return low;
  }
}

/**
 * The bytes of an argument of event i that is no number: of a string to the end of its last record, zeroes included. A view: valid
 * as long as the batch.
 */
export function bytesArg(arg: PlacedArg, batch: EventBatch, i: number): Buffer {
  const start = batch.payloadStart[i] as number;
  const words = batch.payload.subarray(start, start + (batch.payload[start - 1] ?? 0));
  const all = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
  const from = (arg.word - 1) * 4 + arg.shift / 8;
  if (arg.type === 'chars' || arg.type === 'bytes') return all.subarray(from, from + (arg.size ?? 0));
  if (arg.type !== 'loc' && arg.type !== 'locbytes') return all.subarray(from);
  if (from + 4 > all.length) return all.subarray(0, 0);
  const loc = all.readUInt32LE(from);
  const at = Math.max(0, (loc & 0xffff) - (arg.size ?? 0));
  return all.subarray(at, at + (loc >>> 16));
}

/** An argument that is no number, as text; a field of bytes (an address) in hex. */
export function textArg(arg: PlacedArg, batch: EventBatch, i: number): string {
  const bytes = bytesArg(arg, batch, i);
  if (arg.type === 'bytes' || arg.type === 'locbytes') return bytes.toString('hex').replace(/(..)(?=.)/g, '$1:');
  const zero = bytes.indexOf(0);
  return bytes.toString('utf8', 0, zero < 0 ? bytes.length : zero);
}

/** An array of numbers, without the zeros at its end. */
export function numbersArg(arg: PlacedArg, batch: EventBatch, i: number): number[] {
  const start = batch.payloadStart[i] as number;
  const words = [...batch.payload.subarray(start + arg.word - 1, start + (batch.payload[start - 1] ?? 0))];
  return words.slice(0, words.findLastIndex((word) => word !== 0) + 1);
}

/** An argument that is no number, as text; bytes and arrays of numbers in hex. */
export function otherArg(arg: PlacedArg, batch: EventBatch, i: number): string {
  if (arg.type === 'u32s')
    return numbersArg(arg, batch, i)
      .map((n) => `0x${n.toString(16)}`)
      .join(' ');
  return arg.format === 'bytes' ? bytesArg(arg, batch, i).toString('hex') : textArg(arg, batch, i);
}

/** All arguments of event i by name; bytes and arrays of numbers in hex. */
export function eventArgs(event: PlacedEvent, batch: EventBatch, i: number): Record<string, number | string> {
  const args: Record<string, number | string> = {};
  for (const arg of event.args) args[arg.name] = isNumeric(arg) ? numericArg(arg, batch, i) : otherArg(arg, batch, i);
  return args;
}

/** The recorded word of a call's argument as the number that it is. */
export function siteArgValue(arg: SiteArg, word: number): number {
  const rest = 32 - arg.bits;
  return arg.signed === true ? (word << rest) >> rest : (word << rest) >>> rest;
}

/** The word of an argument of entry i, or undefined when it was not recorded. */
export function siteArgWord(arg: SiteArg, batch: EventBatch, i: number): number | undefined {
  if (arg.word === undefined) return undefined;
  if (arg.word === 0) return batch.arg[i] as number;
  const start = batch.payloadStart[i] as number;
  return start > 0 && arg.word <= (batch.payload[start - 1] ?? 0) ? batch.payload[start + arg.word - 1] : undefined;
}

/** The name of a value of an argument that is an enum: `DMA_FROM_DEVICE`. */
export function enumName(trace: Pick<Trace, 'metadata'>, arg: SiteArg, value: number): string | undefined {
  const table = arg.enum === undefined ? undefined : trace.metadata.siteEnums?.[arg.enum];
  return table === undefined ? undefined : table[String(value)];
}

/** The arguments of entry i, or the return value of exit i, as far as they were recorded. */
export function callArgs(
  trace: Pick<Trace, 'metadata' | 'sites'>,
  batch: EventBatch,
  i: number,
): Record<string, number | string> {
  const site = trace.sites[batch.id[i] as number];
  const out: Record<string, number | string> = {};
  const put = (arg: SiteArg, word: number | undefined): void => {
    if (word === undefined) return;
    const value = siteArgValue(arg, word);
    out[arg.name] = enumName(trace, arg, value) ?? value;
  };
  if (batch.kind[i] === KIND.entry) for (const arg of site?.args ?? []) put(arg, siteArgWord(arg, batch, i));
  else if (site?.returns && batch.flags[i] === 0) put(site.returns, batch.arg[i]);
  return out;
}

/**
 * A function that reads one numeric argument of an event, with its place looked up once. For an event or argument that the file's
 * table does not have it gives 0.
 */
export function argReader(trace: Trace, event: string, name: string): (batch: EventBatch, i: number) => number {
  for (const candidate of trace.eventById.values()) {
    if (candidate.name !== event) continue;
    const arg = candidate.args.find((a) => a.name === name && isNumeric(a));
    if (!arg) break;
    if (arg.word === 0 && arg.type === 'u32') return (batch, i) => batch.arg[i] as number;
    return (batch, i) => numericArg(arg, batch, i);
  }
  return () => 0;
}

/** The symbol that holds a code address. */
export function findSymbol(symbols: readonly TraceSymbol[], addr: number): TraceSymbol | undefined {
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if ((symbols[mid] as TraceSymbol).addr <= addr) low = mid + 1;
    else high = mid;
  }
  const symbol = symbols[low - 1];
  return symbol && addr < symbol.addr + Math.max(symbol.size, 1) ? symbol : undefined;
}

/** `function+0x1c`, or the address in hex when no symbol holds it. */
export function symbolName(trace: Trace, addr: number): string {
  const symbol = findSymbol(trace.metadata.symbols ?? [], addr);
  if (!symbol) return `0x${addr.toString(16)}`;
  return addr === symbol.addr ? symbol.name : `${symbol.name}+0x${(addr - symbol.addr).toString(16)}`;
}
