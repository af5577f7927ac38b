// SPDX-License-Identifier: MIT
// A comparison as flame graphs in one speedscope file: what is slower in B, what is faster, and both sides whole.

import type { Comparison } from './compare.js';
import { type Recording, SEPARATOR } from './paths.js';

class Frames {
  readonly list: { name: string }[] = [];
  private readonly known = new Map<string, number>();

  stack(path: string): number[] {
    return path.split(SEPARATOR).map((name) => {
      const id = this.known.get(name);
      if (id !== undefined) return id;
      this.known.set(name, this.list.length);
      return this.list.push({ name }) - 1;
    });
  }
}

function sampled(name: string, frames: Frames, weights: Iterable<readonly [string, number]>) {
  const samples: number[][] = [];
  const values: number[] = [];
  for (const [path, weight] of weights) {
    const w = Math.round(weight);
    if (w <= 0) continue;
    samples.push(frames.stack(path));
    values.push(w);
  }
  const endValue = values.reduce((sum, v) => sum + v, 0);
  return { type: 'sampled', name, unit: 'nanoseconds', startValue: 0, endValue, samples, weights: values };
}

function means(side: readonly Recording[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const r of side) {
    for (const [path, t] of r.paths) sums.set(path, (sums.get(path) ?? 0) + t.self / side.length);
  }
  return sums;
}

/** speedscope's file format; self times of one recording, differences that may be chance left out unless `all`. */
export function comparisonSpeedscope(
  c: Comparison,
  a: readonly Recording[],
  b: readonly Recording[],
  all = false,
): string {
  const frames = new Frames();
  const shown = c.paths.filter((p) => all || p.significant);
  const profiles = [
    sampled(
      'slower in B',
      frames,
      shown.map((p) => [p.path, p.cost] as const),
    ),
    sampled(
      'faster in B',
      frames,
      shown.map((p) => [p.path, -p.cost] as const),
    ),
    sampled('A (mean)', frames, means(a)),
    sampled('B (mean)', frames, means(b)),
  ].filter((p) => p.samples.length > 0);
  return `${JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: 'dde-profile',
    name: `${c.a[0] ?? 'A'} compared`,
    activeProfileIndex: 0,
    shared: { frames: frames.list },
    profiles,
  })}\n`;
}
