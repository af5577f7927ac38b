// SPDX-License-Identifier: MIT
// A comparison as text. Its JSON is the comparison itself.

import { duration, nanoseconds, percent, signedPercent, styleOf } from '../show/index.js';
import type { Comparison, Measure, PathDifference } from './compare.js';

export interface RenderOptions {
  readonly json?: boolean;
  readonly color?: boolean;
  /** Rows of the list. Default 20. */
  readonly top?: number;
  /** Also what may be chance. */
  readonly all?: boolean;
}

/** Few nanoseconds are what a compared call takes. */
function time(ns: number): string {
  return Math.abs(ns) < 10 ? nanoseconds(ns) : duration(ns);
}

function chance(p: number): string {
  return p >= 1 ? 'unknown' : p < 0.001 ? '< 0.1 %' : percent(p, 1);
}

function line(what: string, m: Measure, unit: (n: number) => string): string {
  const range =
    m.interval === undefined ? '' : ` (95 %: ${signedPercent(m.interval[0])} to ${signedPercent(m.interval[1])})`;
  return `    ${what} ${unit(m.a)} -> ${unit(m.b)}, ${signedPercent(m.ratio)}${range}, chance ${chance(m.chance)}`;
}

function difference(d: PathDifference, alpha: number, bold: (s: string) => string): string[] {
  const word = d.cost >= 0 ? 'slower' : 'faster';
  const sure = d.significant ? '' : ' (not significant)';
  const out = [
    `${bold(`${word}: ${d.name}`)} ${d.cost >= 0 ? '+' : ''}${time(d.cost)} a recording${sure}`,
    `  ${d.path}`,
  ];
  const { usual, fast } = d;
  if (fast !== undefined && fast.chance <= alpha) out.push(line('a fast call', fast, time));
  if (usual !== undefined && (!d.significant || usual.chance <= alpha)) out.push(line('a usual call', usual, time));
  if (d.perCall.chance <= alpha || (!d.significant && usual === undefined)) out.push(line('a call', d.perCall, time));
  if (d.calls.chance <= alpha || (!d.significant && d.calls.ratio !== 1)) {
    out.push(line('calls', d.calls, (n) => n.toFixed(n < 100 ? 1 : 0)));
  }
  return out;
}

function list(title: string, paths: readonly string[], top: number): string[] {
  if (paths.length === 0) return [];
  const more = paths.length > top ? [`  ${paths.length - top} more`] : [];
  return [title, ...paths.slice(0, top).map((p) => `  ${p}`), ...more, ''];
}

/** Ends with a newline. */
export function renderComparison(c: Comparison, options: RenderOptions = {}): string {
  if (options.json === true) return `${JSON.stringify(c, null, 2)}\n`;
  const { bold } = styleOf(options.color === true);
  const top = options.top ?? 20;
  const sure = c.paths.filter((p) => p.significant);
  const enough = c.resolution <= c.alpha;
  const shown = options.all === true || !enough ? c.paths : sure;
  const lines = [
    `A: ${c.a.length} of ${c.a[0] ?? '?'}`,
    `B: ${c.b.length} of ${c.b[0] ?? '?'}`,
    `${c.paths.length} call paths compared by self time of a call and number of calls; B as a whole: ${signedPercent(c.common)} (taken out)`,
    '',
  ];
  if (!enough) {
    lines.push(
      `Too few recordings for a significance level of ${c.alpha * 100} %: 6 per side reach 0.5 %. The largest differences:`,
      '',
    );
  } else if (sure.length === 0)
    lines.push(`No significant difference (probability of a false positive: ${c.alpha * 100} %).`, '');
  for (const d of shown.slice(0, top)) lines.push(...difference(d, c.alpha, bold), '');
  if (shown.length > top) lines.push(`${shown.length - top} more (--top ${shown.length})`, '');
  lines.push(...list('Only in A:', c.onlyA, top), ...list('Only in B:', c.onlyB, top));
  return `${lines.join('\n').trimEnd()}\n`;
}
