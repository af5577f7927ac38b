// SPDX-License-Identifier: MIT
// Pictures for the HTML report, as SVG without any script: values over time, histograms, a heat map. What a shape stands for
// is in its <title>, which browsers show under the pointer.

import { count } from './format.js';

export function quoted(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const WIDTH = 560;
const HEIGHT = 130;
const LEFT = 70;
const BOTTOM = 20;
const TOP = 8;

const n = (v: number): string => String(Math.round(v * 100) / 100);

function figure(caption: string, body: string, width = WIDTH, height = HEIGHT): string {
  return `<figure><figcaption>${quoted(caption)}</figcaption><svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">${body}</svg></figure>\n`;
}

function label(x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end', tone = 'a'): string {
  return `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" class="${tone}">${quoted(text)}</text>`;
}

/** A value in equal stretches of the recording, as a filled step line. */
export function overTime(
  caption: string,
  values: readonly number[],
  duration: string,
  show: (v: number) => string,
  color: string,
): string {
  const most = Math.max(0, ...values);
  if (most === 0) return '';
  const [w, h] = [WIDTH - LEFT - 10, HEIGHT - BOTTOM - TOP];
  const y = (v: number): number => TOP + h - (v / most) * h;
  const step = w / values.length;
  const points = values.map((v, i) => `H${n(LEFT + i * step)}V${n(y(v))}`).join('');
  const floor = TOP + h;
  const grid = [0, 0.5, 1]
    .map(
      (part) =>
        `<line x1="${LEFT}" x2="${LEFT + w}" y1="${n(y(most * part))}" y2="${n(y(most * part))}" class="g"/>${label(LEFT - 6, y(most * part) + 4, show(most * part), 'end')}`,
    )
    .join('');
  const hover = values
    .map(
      (v, i) =>
        `<rect x="${n(LEFT + i * step)}" y="${TOP}" width="${n(step)}" height="${h}" fill="transparent"><title>${quoted(show(v))}</title></rect>`,
    )
    .join('');
  return figure(
    caption,
    `${grid}<path d="M${LEFT} ${floor}${points}H${LEFT + w}V${floor}Z" fill="${color}" fill-opacity=".45" stroke="${color}"/>${hover}${label(LEFT, HEIGHT - 5, '0', 'start')}${label(LEFT + w, HEIGHT - 5, duration, 'end')}`,
  );
}

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Counts in powers of two. The heights are logarithmic: one in ten thousand is to be seen, too. */
export function histogram(caption: string, bars: readonly Bar[], show: (v: number) => string, color: string): string {
  const first = bars[0];
  const last = bars[bars.length - 1];
  if (first === undefined || last === undefined) return '';
  const exponent = (from: number): number => (from < 1 ? -1 : Math.round(Math.log2(from)));
  const low = exponent(first.from);
  const slots = exponent(last.from) - low + 1;
  const most = Math.max(...bars.map((b) => b.count));
  const [w, h] = [WIDTH - 45, HEIGHT - BOTTOM - TOP - 12];
  const slot = Math.min(60, w / slots);
  const out = bars.map((b) => {
    const x = 10 + (exponent(b.from) - low) * slot;
    const height = Math.max(2, (Math.log1p(b.count) / Math.log1p(most)) * h);
    const y = TOP + 12 + h - height;
    const what = `${count(b.count)}: ${show(b.from)} to ${show(b.to)}`;
    return `<rect x="${n(x + 1)}" y="${n(y)}" width="${n(slot - 2)}" height="${n(height)}" fill="${color}"><title>${quoted(what)}</title></rect>${label(x + slot / 2, y - 3, count(b.count), 'middle', 's')}`;
  });
  const every = Math.ceil(slots / 9);
  for (let i = 0; i <= slots; i += every) {
    out.push(
      label(10 + i * slot, HEIGHT - 5, show(low + i < 0 ? 0 : 2 ** (low + i)), i === 0 ? 'start' : 'middle', 's'),
    );
  }
  return figure(caption, out.join(''));
}

export interface HeatRow {
  readonly name: string;
  readonly note: string;
  readonly values: ArrayLike<number>;
}

const ROW = 16;
const NAMES = 250;
const NOTES = 130;
const CELLS = 720;

/** A row for each name, a column for each stretch of time; the colour is logarithmic. */
export function heatMap(caption: string, rows: readonly HeatRow[], duration: string): string {
  let most = 0;
  for (const r of rows) for (let i = 0; i < r.values.length; i++) most = Math.max(most, r.values[i] as number);
  if (most === 0) return '';
  const out: string[] = [];
  rows.forEach((r, k) => {
    const y = k * ROW;
    out.push(label(NAMES - 6, y + 12, r.name, 'end'), label(NAMES + CELLS + 6, y + 12, r.note, 'start', 's'));
    const cell = CELLS / r.values.length;
    out.push(`<rect x="${NAMES}" y="${y + 1}" width="${CELLS}" height="${ROW - 2}" class="e"/>`);
    for (let i = 0; i < r.values.length; i++) {
      const v = r.values[i] as number;
      if (v === 0) continue;
      const heat = Math.log1p(v) / Math.log1p(most);
      out.push(
        `<rect x="${n(NAMES + i * cell)}" y="${y + 1}" width="${n(cell)}" height="${ROW - 2}" fill="hsl(${n(48 - 42 * heat)},90%,${n(78 - 40 * heat)}%)"><title>${quoted(`${r.name}: ${count(v)}`)}</title></rect>`,
      );
    }
  });
  const end = rows.length * ROW;
  out.push(label(NAMES, end + 14, '0', 'start'), label(NAMES + CELLS, end + 14, duration, 'end'));
  return figure(caption, out.join(''), NAMES + CELLS + NOTES, end + 20);
}
