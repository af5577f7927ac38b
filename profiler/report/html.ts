// SPDX-License-Identifier: MIT
// A report as one HTML file that needs nothing else: findings, a flame graph of the whole recording, the tables.

import { findings, renderFindings } from '../analysis/index.js';
import { categoryOf, mergedTree, type Profile } from '../model/index.js';
import { count, duration, percent } from './format.js';
import { picturesHtml } from './html-pictures.js';
import { quoted } from './pictures.js';
import { overview, REPORTS, type ReportName, type ReportOptions } from './render.js';
import type { Table } from './table.js';

const TABLES: readonly ReportName[] = [
  'api',
  'driver',
  'core',
  'context',
  'irq',
  'latency',
  'softirq',
  'napi',
  'dma',
  'virt_to_phys',
  'allocations',
  'mmio',
  'locks',
  'timers',
  'packets',
  'threads',
];

/** A frame narrower than this part of the whole is not drawn. */
const NARROW = 0.0005;
const DEEPEST = 60;
const ROW = 18;

const STYLE = `:root{--paper:#fff;--ink:#222;--dim:#666;--line:#ddd;--soft:#f4f4f4;--note:#f8f3e6;--on:#222}
@media(prefers-color-scheme:dark){:root{--paper:#1b1d21;--ink:#ddd;--dim:#999;--line:#3a3d44;--soft:#24272d;--note:#2a2a22;--on:#111}}
body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:1240px;padding:0 1em;color:var(--ink);background:var(--paper)}
h1{font-size:22px;margin:0 0 .5em}h2{font-size:17px;margin:1.8em 0 .5em;border-bottom:1px solid var(--line)}
.facts{display:flex;flex-wrap:wrap;gap:10px;margin:0;padding:0}.facts div{background:var(--soft);border-radius:6px;padding:.5em .9em}
.facts strong{display:block;font-size:18px}.facts span{color:var(--dim);font-size:12px}
.scroll{overflow-x:auto}table{border-collapse:collapse;font:12px/1.5 ui-monospace,monospace}td,th{padding:0 .8em;text-align:right;white-space:nowrap}
td.l,th.l{text-align:left}th{color:var(--dim);font-weight:normal;border-bottom:1px solid var(--line)}tr:nth-child(even){background:var(--soft)}
pre{background:var(--note);padding:.8em;overflow-x:auto;border-radius:6px}
.flame{position:relative;width:100%;font:11px/${ROW - 2}px sans-serif;color:var(--on)}
.flame div{position:absolute;height:${ROW - 1}px;overflow:hidden;white-space:nowrap;box-sizing:border-box;border-right:1px solid var(--paper);padding-left:2px}
.legend{font-size:12px;color:var(--dim);margin:0 0 .6em}.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 4px 0 12px}
.row{display:flex;flex-wrap:wrap;gap:14px 24px}figure{margin:0;max-width:100%;overflow-x:auto}figcaption{font-size:12px;color:var(--dim);margin-bottom:2px}
svg text{font:11px system-ui,sans-serif;fill:var(--ink)}svg text.s{font-size:10px;fill:var(--dim)}svg .g{stroke:var(--line)}svg .e{fill:var(--soft)}
p.n{color:var(--dim);margin:.2em 0;font:12px/1.4 ui-monospace,monospace}`;

const HUES: Readonly<Record<string, number>> = {
  'kernel API': 205,
  driver: 35,
  'Linux core': 145,
  hardirq: 0,
  softirq: 330,
  workqueue: 265,
  timer: 60,
};

function tableHtml(table: Table): string {
  const cell = (tag: string, text: string, i: number): string =>
    `<${tag}${table.columns[i]?.left === true ? ' class="l"' : ''}>${quoted(text)}</${tag}>`;
  const head = table.columns.map((c, i) => cell('th', c.head, i)).join('');
  const rows = table.rows.map((r) => `<tr>${r.map((text, i) => cell('td', text, i)).join('')}</tr>`).join('\n');
  const notes = (table.notes ?? []).map((n) => `<p class="n">${quoted(n)}</p>`).join('');
  return `<h2>${quoted(table.title)}</h2>\n<div class="scroll"><table><tr>${head}</tr>\n${rows}</table>${notes}</div>\n`;
}

function flameHtml(profile: Profile): string {
  const tree = mergedTree(profile);
  const { frames } = profile;
  const top = tree.children(0);
  const whole = top.reduce((sum, n) => sum + (tree.total[n] as number), 0);
  if (whole <= 0) return '';
  const out: string[] = [];
  let rows = 0;
  const draw = (node: number, from: number, depth: number): void => {
    const total = tree.total[node] as number;
    if (total < whole * NARROW || depth >= DEEPEST) return;
    rows = Math.max(rows, depth + 1);
    const { name, kind } = frames.get(tree.frame[node] as number);
    const label = quoted(name);
    const hue = HUES[categoryOf(kind)] ?? 0;
    const fill = kind === 'thread' ? '#ccc' : `hsl(${hue},70%,${72 + (node % 4) * 3}%)`;
    const what = `${label}: ${duration(total)}, ${percent(total, whole)}, self ${duration(tree.self[node] as number)}, ${count(tree.calls[node] as number)} calls`;
    out.push(
      `<div style="left:${((from / whole) * 100).toFixed(3)}%;width:${((total / whole) * 100).toFixed(3)}%;top:${depth * ROW}px;background:${fill}" title="${what}">${label}</div>`,
    );
    let at = from;
    const kids = tree.children(node).sort((a, b) => (tree.total[b] as number) - (tree.total[a] as number));
    for (const k of kids) {
      draw(k, at, depth + 1);
      at += tree.total[k] as number;
    }
  };
  let at = 0;
  for (const n of top.sort((a, b) => (tree.total[b] as number) - (tree.total[a] as number))) {
    draw(n, at, 0);
    at += tree.total[n] as number;
  }
  const legend = Object.entries(HUES).map(([name, hue]) => `<i style="background:hsl(${hue},70%,75%)"></i>${name}`);
  return `<h2>Where the time went</h2>\n<p class="legend">Time on the virtual CPU, all threads; wide is long.${legend.join('')}</p>\n<div class="flame" style="height:${rows * ROW}px">\n${out.join('\n')}\n</div>\n`;
}

export function renderHtml(profile: Profile, options: ReportOptions = {}): string {
  const o = overview(profile);
  const a = profile.accounting;
  const facts: readonly (readonly [string, string])[] = [
    [duration(o.duration), 'recorded'],
    [percent(o.busy, o.duration), 'virtual CPU busy'],
    [count(o.threads), 'threads'],
    [count(o.calls), 'calls'],
    [count(a.recorded), 'events recorded'],
    [count(a.lost), a.lost === 0 ? 'events lost' : `events lost in ${count(profile.gaps.length)} gaps`],
    ...(profile.meta.minDuration === undefined
      ? []
      : [[count(a.filtered), `events left out, of calls below ${duration(profile.meta.minDuration)}`] as const]),
    ...(o.skippedSites === undefined
      ? []
      : [[count(o.skippedSites), "places not recorded: a debugger's breakpoint stood there"] as const]),
    ...(o.driver === undefined ? [] : [[o.driver, `driver, Linux ${o.kernelVersion ?? '?'}`] as const]),
  ];
  const sections: Record<string, { tables(p: Profile, top: number, o: ReportOptions): Table[] }> = REPORTS;
  const tables = TABLES.flatMap((n) => sections[n]?.tables(profile, options.top ?? 20, options) ?? []);
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${quoted(o.title)}</title><style>${STYLE}</style></head><body>
<h1>${quoted(o.title)}</h1>
<div class="facts">${facts.map(([value, what]) => `<div><strong>${quoted(value)}</strong><span>${quoted(what)}</span></div>`).join('')}</div>
<h2>Findings</h2>
<pre>${quoted(renderFindings(findings(profile)))}</pre>
${flameHtml(profile)}${picturesHtml(profile)}${tables
  .filter((t) => t.rows.length > 0)
  .map(tableHtml)
  .join('')}</body></html>
`;
}
