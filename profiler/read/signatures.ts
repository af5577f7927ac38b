// SPDX-License-Identifier: MIT
// The prototypes that a trace carries, as functions that show recorded words.

import { enumName, siteArgValue } from '../../tracer/decode/args.js';
import type { SiteArg, Trace, TraceSite } from '../../tracer/decode/types.js';
import type { CallArg, Signature } from '../model/index.js';
import type { Symbols } from './symbols.js';

function callArg(trace: Trace, symbols: Symbols, arg: SiteArg): CallArg {
  const { name, type, format, word } = arg;
  const value = (raw: number): number => siteArgValue(arg, raw);
  const hex = (raw: number): string => `0x${value(raw).toString(16)}`;
  const show: Record<SiteArg['format'], (raw: number) => number | string> = {
    dec: value,
    hex,
    sym: (raw) => (raw === 0 ? hex(raw) : symbols.name(raw)),
    enum: (raw) => enumName(trace, arg, raw | 0) ?? enumName(trace, arg, raw) ?? value(raw),
  };
  return { name, type, format, value, show: show[format], ...(word === undefined ? {} : { word }) };
}

/** Undefined for a site without a prototype. */
export function signatureOf(trace: Trace, symbols: Symbols, site: TraceSite): Signature | undefined {
  if (site.args === undefined) return undefined;
  return {
    args: site.args.map((arg) => callArg(trace, symbols, arg)),
    ...(site.returns === undefined ? {} : { returns: callArg(trace, symbols, site.returns) }),
  };
}
