// SPDX-License-Identifier: MIT
// Numbers for people: each kind is written in one way, by all verbs.

/** How long something took, in the unit that suits it: `850 ns`, `12.3 us`, `4.05 s`. */
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

/** Memory, in powers of two. */
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 ** 2) return `${digits(n / 1024)} KiB`;
  if (n < 1024 ** 3) return `${digits(n / 1024 ** 2)} MiB`;
  return `${digits(n / 1024 ** 3)} GiB`;
}

/** Files and disks, in powers of ten, as disks are sold: `1.5 MB`, `12.30 GB`. */
export function fileSize(n: number): string {
  return n >= 1e9 ? `${(n / 1e9).toFixed(2)} GB` : `${(n / 1e6).toFixed(1)} MB`;
}

export function percent(part: number, whole: number): string {
  return whole <= 0 ? '-' : `${((part / whole) * 100).toFixed(1)} %`;
}

/** Costs of single calls that are compared with one another, to a tenth of a nanosecond: `8.3 ns`. */
export function nanoseconds(ns: number): string {
  return `${ns.toFixed(1)} ns`;
}

/** A length of time that is compared with others in the same sentence: `12.3 ms`, `0.012 ms`. */
export function milliseconds(ns: number): string {
  return `${(ns / 1e6).toFixed(ns < 1e5 ? 3 : 1)} ms`;
}

/** A moment of a recording, as findings and scripts name it: `12.345 ms`. */
export function moment(ns: number): string {
  return `${(ns / 1e6).toFixed(3)} ms`;
}

/** A moment, or a stretch of a recording, in seconds: `--from` and `--to` take it. */
export function seconds(ns: number, decimals = 3): string {
  return `${(ns / 1e9).toFixed(decimals)} s`;
}

/** How long a process has been running: `1:02:03`. */
export function clock(seconds: number): string {
  const s = Math.floor(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** What a ratio changes: `+5.3 %`. */
export function signedPercent(ratio: number): string {
  const p = (ratio - 1) * 100;
  return `${p >= 0 ? '+' : ''}${p.toFixed(1)} %`;
}

/** With its noun: `1 gap`, `1,200 calls`. */
export function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
}
