// SPDX-License-Identifier: MIT
// What stands behind an option, read and checked: numbers, durations, names. Each kind once, so that all verbs take the same.

import { InvalidArgumentError } from 'commander';
import { globToRegExp } from '../../record/site-choice.js';
import { EXPECTED_DURATION, parseDuration } from '../../run/duration.js';

/** May be given again: each value as it is. */
export function append(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** PATH=driver or PATH=host: whose files a program sees below a path. */
export function pathRules(value: string, before: string[] | undefined): string[] {
  if (!/^\/[^\n]*=(driver|host)$/.test(value))
    throw new InvalidArgumentError('expected an absolute path and whose it is: /sys/class/tty=host, /dev=driver');
  return [...(before ?? []), value];
}

/** Patterns of names: several separated by commas, and may be given again. */
export function globs(value: string, before: string[] | undefined): string[] {
  const given = value.split(',').filter((one) => one !== '');
  if (given.length === 0) throw new InvalidArgumentError('expected a name, or a pattern with * and ?');
  return [...(before ?? []), ...given];
}

/** For help texts: what `globs` reads. */
export const GLOB_HELP = '* and ? as in a shell; several with commas, or given again';

/** A whole name, or a pattern with * and ?: any of them. */
export function anyOf(patterns: readonly string[]): (name: string) => boolean {
  const all = patterns.map(globToRegExp);
  return (name) => all.some((one) => one.test(name));
}

function integer(value: string, low: number, high: number, expected: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= low && number <= high)) throw new InvalidArgumentError(expected);
  return number;
}

export const positive = (value: string): number =>
  integer(value, 1, Number.MAX_SAFE_INTEGER, 'must be a positive integer');
export const port = (value: string): number => integer(value, 1, 65535, 'port must be 1 to 65535');
export const portOrAny = (value: string): number => integer(value, 0, 65535, 'port must be 0 to 65535');
export const depth = (value: string): number => integer(value, 1, 10_000, 'must be an integer from 1 to 10000');
export const loglevel = (value: string): number => integer(value, 0, 8, 'must be 0 to 8');

export function mebibytes(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= 1024)) throw new InvalidArgumentError('must be 1 to 1024 MiB');
  return number;
}

export function percent(value: string): number {
  const number = Number(value);
  if (!(number >= 50 && number < 100)) throw new InvalidArgumentError('must be a number from 50 to below 100');
  return number;
}

export function share(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0 && number <= 100))
    throw new InvalidArgumentError('must be a number from 0 to 100');
  return number;
}

/** What is wrong with something that is no duration. */
function noDuration(value: string): InvalidArgumentError {
  const number = /^\d+(\.\d+)?$/.test(value);
  return new InvalidArgumentError(
    number ? `the unit is missing: ${value}s, ${value}ms or ${value}us` : EXPECTED_DURATION,
  );
}

/** `1.5s`, `200ms`, `30us`: nanoseconds. */
export function time(value: string): number {
  const ns = parseDuration(value);
  if (ns === undefined) throw noDuration(value);
  return ns;
}

export function shortest(value: string): number {
  const ns = Math.round(time(value));
  if (!(ns >= 1 && ns <= 60e9)) throw new InvalidArgumentError('expected a duration from 1ns to 60s');
  return ns;
}

/** `5s`, `500ms`; returns seconds. */
export function seconds(value: string): number {
  const ns = time(value);
  if (ns === 0) throw new InvalidArgumentError(EXPECTED_DURATION);
  return ns / 1e9;
}

/** Whole seconds, as the driver process counts them; 0: never. */
export function wholeSeconds(value: string): number {
  const ns = time(value);
  if (ns % 1e9 !== 0) throw new InvalidArgumentError('expected whole seconds, such as 30s, or 0');
  return ns / 1e9;
}
