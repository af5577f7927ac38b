// SPDX-License-Identifier: MIT
// Durations as a user writes them: one grammar for options and workloads.

export type Nanoseconds = number;

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9 };

export const EXPECTED_DURATION = 'expected a duration, such as 200ms or 1.5s';

/**
 * `1.5s`, `200ms`, `30us`: nanoseconds; undefined for what is none. The unit may be left out of 0 only, and where `seconds` says that a whole
 * number alone always meant seconds (the workloads' --duration).
 */
export function parseDuration(text: string, { seconds = false } = {}): Nanoseconds | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?|\.\d+)\s*(ns|us|µs|ms|s|min|h)?$/.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  if (unit === undefined) {
    if (number !== 0 && !(seconds && /^\d+$/.test(digits))) return undefined;
    return number * 1e9;
  }
  const ns = number * (UNITS[unit] as number);
  return Number.isFinite(ns) ? ns : undefined;
}
