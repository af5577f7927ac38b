// SPDX-License-Identifier: MIT
// Takes the JSON parts of a trace file apart. Nothing in them is trusted: what has the wrong shape is left out.
import type { PlacedArg, PlacedEvent } from '../format/layout.js';
import { ENUMS, EVENT_TABLE } from './events.gen.js';
import type { SiteArg, ThreadRole, TraceMetadata, TraceSite, TraceSymbol } from './types.js';

export type Json = Record<string, unknown>;

const MAX_SITES = 1 << 20;
const ROLES: readonly ThreadRole[] = [
  'other',
  'boot',
  'irq',
  'softirq',
  'timer',
  'work',
  'kthread',
  'workload',
  'idle',
];

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON object in these bytes; undefined when there is none. */
export function parseObject(bytes: Uint8Array): Json | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const text = (value: unknown, otherwise = ''): string => (typeof value === 'string' ? value : otherwise);
export const count = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
export const roleOf = (value: unknown): ThreadRole => ROLES[count(value)] ?? 'other';

/** A 64-bit number, written as decimal digits, as [low, high]. */
export function halves(value: unknown): readonly [number, number] | undefined {
  if (typeof value !== 'string' || !/^[0-9]{1,20}$/.test(value)) return undefined;
  const big = BigInt(value);
  return [Number(big & 0xffffffffn), Number((big >> 32n) & 0xffffffffn)];
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
const string = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export function unknownSite(i: number): TraceSite {
  return { i, kind: 'core', name: `site#${i}`, addr: 0 };
}

const SITE_FORMATS = new Set(['dec', 'hex', 'sym', 'enum']);

function readSiteArg(row: unknown): SiteArg | undefined {
  if (!isObject(row)) return undefined;
  const { name, type, format, bits, word } = row;
  if (typeof name !== 'string' || typeof type !== 'string') return undefined;
  if (typeof bits !== 'number' || !Number.isInteger(bits) || bits < 1 || bits > 32) return undefined;
  if (word !== undefined && !(typeof word === 'number' && Number.isInteger(word) && word >= 0 && word <= 5))
    return undefined;
  return {
    name,
    type,
    bits,
    format: (typeof format === 'string' && SITE_FORMATS.has(format) ? format : 'dec') as SiteArg['format'],
    ...optional('word', word),
    ...(row['signed'] === true && { signed: true }),
    ...optional('enum', string(row['enum'])),
  };
}

/** A list with an argument that makes no sense is left out whole: the places of the others would be doubtful. */
function readSiteArgs(value: unknown): SiteArg[] | undefined {
  if (!Array.isArray(value) || value.length > 64) return undefined;
  const args = value.map(readSiteArg);
  return args.every((arg) => arg !== undefined) ? (args as SiteArg[]) : undefined;
}

/** The names of enum values. */
function readSiteEnums(metadata: Json): Record<string, Record<string, string>> {
  const out: Record<string, Record<string, string>> = {};
  for (const [name, values] of Object.entries(isObject(metadata['siteEnums']) ? metadata['siteEnums'] : {})) {
    if (!isObject(values)) continue;
    const table: Record<string, string> = {};
    for (const [value, label] of Object.entries(values)) if (typeof label === 'string') table[value] = label;
    out[name] = table;
  }
  return out;
}

/** The site table by site number, without holes. */
export function readSites(metadata: Json): TraceSite[] {
  const rows = Array.isArray(metadata['sites']) ? metadata['sites'].slice(0, MAX_SITES) : [];
  const sites: TraceSite[] = [];
  rows.forEach((row: unknown, position) => {
    if (!isObject(row)) return;
    const i = number(row['i']) ?? position;
    if (!Number.isInteger(i) || i < 0 || i >= MAX_SITES) return;
    const kind = row['kind'] === 'api' || row['kind'] === 'driver' ? row['kind'] : 'core';
    sites[i] = {
      i,
      kind,
      name: text(row['name'], `site#${i}`),
      addr: number(row['addr']) ?? 0,
      ...optional('target', number(row['target'])),
      ...optional('callback', typeof row['callback'] === 'boolean' ? row['callback'] : undefined),
      ...optional('file', string(row['file'])),
      ...optional('line', number(row['line'])),
      ...optional('args', readSiteArgs(row['args'])),
      ...optional('returns', readSiteArg(row['returns'])),
    };
  });
  for (let i = 0; i < sites.length; i++) sites[i] ??= unknownSite(i);
  return sites;
}

/** The symbols, sorted by address. */
export function readSymbols(metadata: Json): TraceSymbol[] {
  const rows = Array.isArray(metadata['symbols']) ? metadata['symbols'] : [];
  const symbols: TraceSymbol[] = [];
  for (const row of rows) {
    if (!isObject(row)) continue;
    const addr = number(row['addr']);
    const name = string(row['name']);
    if (addr === undefined || name === undefined) continue;
    symbols.push({
      addr,
      size: number(row['size']) ?? 0,
      name,
      ...optional('file', string(row['file'])),
      ...optional('line', number(row['line'])),
    });
  }
  return symbols.sort((a, b) => a.addr - b.addr);
}

const TYPES = new Set('u8 u16 u32 u64 str u32s i8 i16 i32 i64 chars bytes loc locbytes'.split(' '));
const FORMATS = new Set(['dec', 'hex', 'sym', 'enum', 'ticks', 'tsc', 'text', 'bytes']);

function readArg(row: unknown): PlacedArg | undefined {
  if (!isObject(row)) return undefined;
  const { name, type, format, word, shift, size } = row;
  if (typeof name !== 'string' || typeof type !== 'string' || !TYPES.has(type)) return undefined;
  if (typeof word !== 'number' || !Number.isInteger(word) || word < 0 || word > 60) return undefined;
  if (typeof shift !== 'number' || ![0, 8, 16, 24].includes(shift)) return undefined;
  if ((type === 'chars' || type === 'bytes') && (typeof size !== 'number' || !(size > 0 && size < 4096)))
    return undefined;
  return {
    name,
    type: type as PlacedArg['type'],
    format: (typeof format === 'string' && FORMATS.has(format) ? format : 'dec') as PlacedArg['format'],
    word,
    shift,
    ...optional('enum', string(row['enum'])),
    ...optional('size', number(size)),
  };
}

export interface FileEvents {
  readonly events: ReadonlyMap<number, PlacedEvent>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
}

/** The event table of the file; this version's when it holds none. */
export function readEventTable(metadata: Json): FileEvents {
  const table = isObject(metadata['eventTable']) ? metadata['eventTable'] : {};
  const rows = Array.isArray(table['events']) ? table['events'].slice(0, 65536) : [];
  const events = new Map<number, PlacedEvent>();
  for (const row of rows) {
    if (!isObject(row) || typeof row['name'] !== 'string' || !Array.isArray(row['args'])) continue;
    const id = count(row['id']);
    const args = row['args'].map(readArg);
    if (id === 0 || args.some((arg) => arg === undefined)) continue;
    events.set(id, {
      id,
      name: row['name'],
      category: text(row['category']),
      extra: count(row['extra']),
      args: args as PlacedArg[],
    });
  }
  if (events.size === 0) return { events: new Map(EVENT_TABLE.map((event) => [event.id, event])), enums: ENUMS };
  const enums: Record<string, readonly string[]> = {};
  for (const [name, values] of Object.entries(isObject(table['enums']) ? table['enums'] : {})) {
    if (Array.isArray(values)) enums[name] = values.map((value) => text(value));
  }
  return { events, enums };
}

/** The metadata as the profiler sees it: known keys have their types, unknown ones pass. */
export function readMetadata(all: Json, sites: readonly TraceSite[], symbols: readonly TraceSymbol[]): TraceMetadata {
  const { eventTable: _, ...rest } = all;
  const known: Json = {};
  for (const key of ['driver', 'kernelVersion', 'buildId', 'sourceRoot', 'workload']) {
    if (key in rest && typeof rest[key] !== 'string') delete rest[key];
  }
  if (isObject(rest['host'])) known['host'] = rest['host'];
  else delete rest['host'];
  return { ...rest, ...known, sites, symbols, siteEnums: readSiteEnums(all) };
}
