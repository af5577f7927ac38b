// SPDX-License-Identifier: MIT
// A report as one HTML file that needs nothing else: findings, a flame graph of the whole recording, the tables.

import { findings, renderFindings } from '../../findings/index.js';
import type { Profile } from '../../model/index.js';
import { count, duration, percent, quoted, type Table } from '../../show/index.js';
import { overview } from '../overview.js';
import { HTML_SECTIONS, type ReportOptions } from '../sections.js';
import { flameHtml, ROW } from './flame.js';
import { picturesHtml } from './pictures.js';

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

function tableHtml(table: Table): string {
  const cell = (tag: string, text: string, i: number): string =>
    `<${tag}${table.columns[i]?.left === true ? ' class="l"' : ''}>${quoted(text)}</${tag}>`;
  const head = table.columns.map((c, i) => cell('th', c.head, i)).join('');
  const rows = table.rows.map((r) => `<tr>${r.map((text, i) => cell('td', text, i)).join('')}</tr>`).join('\n');
  const notes = (table.notes ?? []).map((n) => `<p class="n">${quoted(n)}</p>`).join('');
  return `<h2>${quoted(table.title)}</h2>\n<div class="scroll"><table><tr>${head}</tr>\n${rows}</table>${notes}</div>\n`;
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
  const tables = HTML_SECTIONS.flatMap((one) => one.tables(profile, options.top ?? 20, options));
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
