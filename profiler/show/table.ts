// SPDX-License-Identifier: MIT
// Aligned columns for the terminal.

export interface Column {
  readonly head: string;
  /** Texts stand left, numbers right. */
  readonly left?: boolean;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** Lines below the table. */
  readonly notes?: readonly string[];
}

export interface Style {
  readonly width: number;
  readonly bold: (s: string) => string;
  readonly dim: (s: string) => string;
}

const plain = (s: string): string => s;
const GAP = '  ';

/** `width`: of the terminal; without one nothing is cut, so that a search in the text finds all names. */
export function styleOf(color: boolean, width = Number.POSITIVE_INFINITY): Style {
  if (!color) return { width, bold: plain, dim: plain };
  return { width, bold: (s) => `\u001b[1m${s}\u001b[22m`, dim: (s) => `\u001b[2m${s}\u001b[22m` };
}

function shorten(s: string, width: number): string {
  return s.length <= width ? s : `${s.slice(0, Math.max(1, width - 1))}~`;
}

export function renderTable(table: Table, style: Style): string {
  const lines = [style.bold(table.title)];
  if (table.rows.length === 0) lines.push(style.dim('  no matching rows'));
  else {
    const widths = table.columns.map((c, i) => Math.max(c.head.length, ...table.rows.map((r) => (r[i] ?? '').length)));
    fit(widths, table.columns, style.width - 2);
    const line = (cells: readonly string[]): string =>
      `  ${table.columns.map((c, i) => cell(cells[i] ?? '', widths[i] as number, c)).join(GAP)}`.trimEnd();
    lines.push(style.dim(line(table.columns.map((c) => c.head))));
    for (const r of table.rows) lines.push(line(r));
  }
  for (const n of table.notes ?? []) lines.push(style.dim(`  ${n}`));
  return `${lines.join('\n')}\n`;
}

function cell(text: string, width: number, column: Column): string {
  const s = shorten(text, width);
  return column.left === true ? s.padEnd(width) : s.padStart(width);
}

/** Takes what is too much from the widest column of text. */
function fit(widths: number[], columns: readonly Column[], width: number): void {
  let over = widths.reduce((a, b) => a + b, 0) + GAP.length * (widths.length - 1) - width;
  while (over > 0) {
    let widest = -1;
    columns.forEach((c, i) => {
      if (c.left === true && (widest < 0 || (widths[i] as number) > (widths[widest] as number))) widest = i;
    });
    if (widest < 0 || (widths[widest] as number) <= 16) return;
    const cut = Math.min(over, (widths[widest] as number) - 16);
    widths[widest] = (widths[widest] as number) - cut;
    over -= cut;
  }
}
