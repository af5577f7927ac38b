// SPDX-License-Identifier: MIT
// The flame graph of a whole recording, as boxes of HTML.

import { categoryOf, mergedTree, type Profile } from '../../model/index.js';
import { count, duration, percent, quoted } from '../../show/index.js';

/** A frame narrower than this part of the whole is not drawn. */
const NARROW = 0.0005;
const DEEPEST = 60;
/** Height of a box, in pixels. */
export const ROW = 18;

const HUES: Readonly<Record<string, number>> = {
  'kernel API': 205,
  driver: 35,
  'Linux core': 145,
  hardirq: 0,
  softirq: 330,
  workqueue: 265,
  timer: 60,
  program: 95,
  'system call': 180,
};

export function flameHtml(profile: Profile): string {
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
