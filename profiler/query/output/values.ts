// SPDX-License-Identifier: MIT
// The engine's values as text and as JSON.

/** As a reader wants it; null: empty. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(12)));
  return String(value);
}

/** Integers as numbers as far as they are exact, else as text; what JSON has no type for as text. */
export function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER)
      ? Number(value)
      : String(value);
  }
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object') return value;
  const { items, entries } = value as { items?: readonly unknown[]; entries?: Readonly<Record<string, unknown>> };
  if (Array.isArray(items)) return items.map(jsonOf);
  if (entries !== null && typeof entries === 'object' && !Array.isArray(entries)) {
    return Object.fromEntries(Object.entries(entries).map(([key, one]) => [key, jsonOf(one)]));
  }
  return String(value);
}

export function csvOf(value: unknown): string {
  const text = textOf(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
