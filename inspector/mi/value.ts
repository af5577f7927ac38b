// SPDX-License-Identifier: MIT
// The values of GDB's machine interface: strings, lists and tuples, nothing else.

export type MiValue = string | MiList | MiTuple;
export type MiList = readonly MiValue[];

/**
 * Names to values. A bare value (gdb prints `script={"printf ..."}`) stands under its place, "0", "1", ...; of a repeated name the
 * second stands under "name#2", and so on. No prototype: a field may have any name.
 */
export interface MiTuple {
  readonly [name: string]: MiValue;
}

export function isTuple(value: MiValue | undefined): value is MiTuple {
  return typeof value === 'object' && !Array.isArray(value);
}

/** A field that is a string; undefined when there is none, or it is something else. */
export function text(tuple: MiTuple, name: string): string | undefined {
  const value = tuple[name];
  return typeof value === 'string' ? value : undefined;
}

/** A field that is a decimal number. */
export function number(tuple: MiTuple, name: string): number | undefined {
  const value = text(tuple, name);
  if (value === undefined || value === '') return undefined;
  const result = Number(value);
  return Number.isFinite(result) ? result : undefined;
}

/** The tuples of a list field; empty when there is no such list. */
export function tuples(tuple: MiTuple, name: string): MiTuple[] {
  const value = tuple[name];
  return Array.isArray(value) ? (value as MiList).filter(isTuple) : [];
}

/** The strings of a list field. */
export function strings(tuple: MiTuple, name: string): string[] {
  const value = tuple[name];
  return Array.isArray(value) ? (value as MiList).filter((item): item is string => typeof item === 'string') : [];
}
