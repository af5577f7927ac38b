// SPDX-License-Identifier: MIT
// A report as one HTML file that needs nothing else: findings, a flame graph of the whole recording, the tables.

import { findings, renderFindings } from '../analysis/index.js';
import { categoryOf, mergedTree, type Profile } from '../model/index.js';
import { count, duration, percent } from './format.js';
import { overview, REPORTS, type ReportName, type ReportOptions } from './render.js';
import type { Table } from './table.js';

const TABLES: readonly ReportName[] = [
  'api',
  'driver',
  'core',
  'context',
  'irq',
  'softirq',
  'napi',
  'dma',
  'virt_to_phys',
  'mmio',
  'threads',
];

/** A frame narrower than this part of the whole is not drawn. */
const NARROW = 0.0005;
const DEEPEST = 60;
const ROW = 18;

const STYLE = `body{font:14px/1.45 sans-serif;margin:2em auto;max-width:1200px;padding:0 1em;color:#222}
h2{margin:1.6em 0 .4em}table{border-collapse:collapse;font:12px/1.5 monospace}td,th{padding:0 .8em;text-align:right;white-space:nowrap}
td.l,th.l{text-align:left}tr:nth-child(even){background:#f4f4f4}pre{background:#f8f3e6;padding:.8em;overflow-x:auto}
.flame{position:relative;width:100%;font:11px/${ROW - 2}px sans-serif}
.flame div{position:absolute;height:${ROW - 1}px;overflow:hidden;white-space:nowrap;box-sizing:border-box;border-right:1px solid #fff;padding-left:2px}
p.n{color:#666;margin:.2em 0}`;

const HUES: Readonly<Record<string, number>> = {
  'kernel API': 205,
  driver: 35,
  'Linux core': 145,
  hardirq: 0,
  softirq: 330,
  workqueue: 265,
  timer: 60,
};

function quoted(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function tableHtml(table: Table): string {
  const cell = (tag: string, text: string, i: number): string =>
    `<${tag}${table.columns[i]?.left === true ? ' class="l"' : ''}>${quoted(text)}</${tag}>`;
  const head = table.columns.map((c, i) => cell('th', c.head, i)).join('');
  const rows = table.rows.map((r) => `<tr>${r.map((text, i) => cell('td', text, i)).join('')}</tr>`).join('\n');
  const notes = (table.notes ?? []).map((n) => `<p class="n">${quoted(n)}</p>`).join('');
  return `<h2>${quoted(table.title)}</h2>\n<table><tr>${head}</tr>\n${rows}</table>${notes}\n`;
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
    const fill = kind === 'thread' ? '#ddd' : `hsl(${hue},70%,${72 + (node % 4) * 3}%)`;
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
  return `<h2>Where the time went</h2>\n<div class="flame" style="height:${rows * ROW}px">\n${out.join('\n')}\n</div>\n`;
}

export function renderHtml(profile: Profile, options: ReportOptions = {}): string {
  const o = overview(profile);
  const a = profile.accounting;
  const sections: Record<string, { tables(p: Profile, top: number, o: ReportOptions): Table[] }> = REPORTS;
  const tables = TABLES.flatMap((n) => sections[n]?.tables(profile, options.top ?? 20, options) ?? []);
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${quoted(o.title)}</title><style>${STYLE}</style></head><body>
<h1>${quoted(o.title)}</h1>
<p>${duration(o.duration)}, virtual CPU busy ${percent(o.busy, o.duration)}, ${count(o.threads)} threads, ${count(o.calls)} calls.
${count(a.produced)} events produced = ${count(a.recorded)} recorded + ${count(a.lost)} lost.</p>
<h2>Findings</h2>
<pre>${quoted(renderFindings(findings(profile)))}</pre>
${flameHtml(profile)}${tables
  .filter((t) => t.rows.length > 0)
  .map(tableHtml)
  .join('')}</body></html>
`;
}
