// SPDX-License-Identifier: MIT

/** The rows that were asked for (`report --match`). */
export function matching<T extends { name: string }>(rows: T[], match?: (name: string) => boolean): T[] {
  return match === undefined ? rows : rows.filter((row) => match(row.name));
}
