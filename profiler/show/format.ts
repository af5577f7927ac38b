// SPDX-License-Identifier: MIT
// Numbers for people.

export function duration(ns: number): string {
  const abs = Math.abs(ns);
  if (abs < 1e3) return `${Math.round(ns)} ns`;
  if (abs < 1e6) return `${digits(ns / 1e3)} us`;
  if (abs < 1e9) return `${digits(ns / 1e6)} ms`;
  return `${digits(ns / 1e9)} s`;
}

/** Three significant digits at least, never more than two decimals. */
function digits(v: number): string {
  const abs = Math.abs(v);
  return v.toFixed(abs < 10 ? 2 : abs < 100 ? 1 : 0);
}

export function count(n: number): string {
  return Math.round(n).toLocaleString('en-US');
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 ** 2) return `${digits(n / 1024)} KiB`;
  if (n < 1024 ** 3) return `${digits(n / 1024 ** 2)} MiB`;
  return `${digits(n / 1024 ** 3)} GiB`;
}

export function percent(part: number, whole: number): string {
  return whole <= 0 ? '-' : `${((part / whole) * 100).toFixed(1)} %`;
}

/** For findings: `12.3 ms`, `0.012 ms`. */
export function milliseconds(ns: number): string {
  return `${(ns / 1e6).toFixed(ns < 1e5 ? 3 : 1)} ms`;
}
