// SPDX-License-Identifier: MIT
// --tracepoint: which of the kernel's own tracepoints a recording switches on, and their rows in its event table.

import { type FieldType, type PlacedArg, type PlacedEvent, TRACEPOINT_BASE } from '../../tracer/format/layout.js';
import { LaunchError } from '../builds/errors.js';
import type { Tracepoint } from '../builds/manifest.js';
import { globToRegExp } from './site-choice.js';

/** The numbers of the tracepoints. Throws when a glob matches none: the user would wait for events that cannot come. */
export function chooseTracepoints(all: readonly Tracepoint[], globs: readonly string[]): number[] {
  const chosen = new Set<number>();
  for (const glob of globs) {
    const wanted = globToRegExp(glob);
    const found = all.filter(({ name }) => wanted.test(name));
    if (found.length === 0)
      throw new LaunchError(
        'ERR_DDE_OPTION',
        `--tracepoint ${glob}: this build has no such tracepoint; \`dde-profile list --tracepoints DRIVER\` shows them`,
      );
    for (const { i } of found) chosen.add(i);
  }
  return [...chosen].sort((a, b) => a - b);
}

/** The names of fields that hold code addresses, as Linux uses them with %pS. */
const CODE_ADDRESS = /^(function|func|location|call_site|caller|caller_ip|ip|rip|handler|addr_func)$/;

/** struct trace_entry of Linux, which stands before each record and is not recorded; offsets inside of records count it. */
const COMMON_BYTES = 8;

/** How a field is stored; undefined for what the decoder cannot show. */
function fieldType(type: string, size: number, signed: boolean): PlacedArg['type'] | undefined {
  const text = /\bchar\b/.test(type) && !/unsigned char|u8/.test(type);
  if (type.startsWith('__data_loc')) return text ? 'loc' : 'locbytes';
  if (type.startsWith('__rel_loc')) return undefined;
  if (type.includes('[')) return text ? 'chars' : 'bytes';
  if (![1, 2, 4, 8].includes(size)) return 'bytes';
  return `${signed ? 'i' : 'u'}${size * 8}` as FieldType;
}

function place(field: Tracepoint['fields'][number], format: string): PlacedArg | undefined {
  const { name, size, offset } = field;
  const type = fieldType(field.type, size, field.signed);
  const number = type !== undefined && /^[iu]\d+$/.test(type);
  // A field that does not stand where its width asks for cannot be read as a number.
  if (type === undefined || offset > 236 || (number && offset % Math.min(size, 4) !== 0)) return undefined;
  const pointer = number && /\*/.test(field.type);
  const symbol = number && CODE_ADDRESS.test(name) && /%p[sSFf]/.test(format);
  const shown = symbol ? 'sym' : pointer || /addr|flags|mask/.test(name) ? 'hex' : 'dec';
  return {
    name,
    type,
    format: number ? shown : 'text',
    word: 1 + (offset >> 2),
    shift: (offset & 3) * 8,
    ...(type === 'chars' || type === 'bytes' ? { size } : {}),
    ...(type === 'loc' || type === 'locbytes' ? { size: COMMON_BYTES } : {}),
  };
}

/** Rows for the event table of a trace file. */
export function tracepointEvents(all: readonly Tracepoint[]): PlacedEvent[] {
  return all.map(({ i, name, fields, format }) => ({
    id: TRACEPOINT_BASE + i,
    name,
    category: 'tracepoint',
    extra: 0,
    args: fields.flatMap((field) => place(field, format) ?? []),
  }));
}
