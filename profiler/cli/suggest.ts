// SPDX-License-Identifier: MIT
// "Did you mean ...?" for drivers, devices and formats; commander does it for verbs and options.

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The known names that are near to what was typed, nearest first. */
function nearest(typed: string, known: readonly string[], count = 3): string[] {
  const limit = Math.max(1, Math.floor(typed.length / 3));
  return known
    .map((name) => ({ name, far: distance(typed.toLowerCase(), name.toLowerCase()) }))
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far || a.name.localeCompare(b.name))
    .slice(0, count)
    .map(({ name }) => name);
}

export function didYouMean(typed: string, known: readonly string[]): string | undefined {
  const names = nearest(typed, known);
  return names.length === 0 ? undefined : `Did you mean ${names.join(' or ')}?`;
}
