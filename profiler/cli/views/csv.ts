// SPDX-License-Identifier: MIT
// Tables as CSV (RFC 4180): the rows of a verb's JSON, numbers as they are there (times in nanoseconds), nested values as `outer.inner`.

type Row = Readonly<Record<string, unknown>>;

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function flat(row: Row, prefix = ''): [string, unknown][] {
  return Object.entries(row).flatMap(([key, value]) =>
    isRow(value) ? flat(value, `${prefix}${key}.`) : [[`${prefix}${key}`, value] as [string, unknown]],
  );
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = Array.isArray(value)
    ? value.map((one) => (isRow(one) ? JSON.stringify(one) : one)).join(' ')
    : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The rows of a table's data: a list, or the first list of rows in it; failing that the whole as one row. */
export function rowsOf(data: unknown): Row[] {
  if (Array.isArray(data)) return data.filter(isRow);
  if (!isRow(data)) return [];
  const list = Object.values(data).find((value) => Array.isArray(value) && value.some(isRow));
  return list === undefined ? [data] : (list as unknown[]).filter(isRow);
}

/** Ends with a newline, if there is a row. */
export function csv(rows: readonly Row[]): string {
  const cells = rows.map((row) => new Map(flat(row)));
  const columns = [...new Set(cells.flatMap((row) => [...row.keys()]))];
  const lines = [columns.map(cell), ...cells.map((row) => columns.map((column) => cell(row.get(column))))];
  return columns.length === 0 ? '' : `${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}
