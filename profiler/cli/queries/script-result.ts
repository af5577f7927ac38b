// SPDX-License-Identifier: MIT
// What a script returns: tables and findings, checked, as text.

import { z } from 'zod';
import { moment } from '../../show/index.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const RESULT = z.object({
  tables: z
    .array(z.object({ title: z.string(), columns: z.array(z.string()), rows: z.array(z.array(cell)) }))
    .default([]),
  findings: z
    .array(
      z.object({
        kind: z.string(),
        severity: z.enum(['error', 'warning', 'note']),
        title: z.string(),
        hint: z.string().optional(),
        at: z.number().optional(),
      }),
    )
    .default([]),
});
export type ScriptResult = z.infer<typeof RESULT>;

/** @throws CliError with the place in what was returned */
export function readScriptResult(path: string, value: unknown): ScriptResult {
  const read = RESULT.safeParse(value ?? {});
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new CliError(
    EXIT.usage,
    `${path}: what end() returns is no result: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    "{ tables: [{ title, columns: ['name'], rows: [['value']] }], findings: [{ kind, severity, title }] }",
  );
}

function table({ title, columns, rows }: ScriptResult['tables'][number]): string {
  const cells = rows.map((row) => row.map((value) => (value === null ? '' : String(value))));
  const widths = columns.map((name, i) => cells.reduce((w, row) => Math.max(w, row[i]?.length ?? 0), name.length));
  const right = columns.map((_, i) => rows.every((row) => typeof row[i] === 'number'));
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => (right[i] === true ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${[title, line(columns), ...cells.map(line)].join('\n')}\n`;
}

/** Ends with a newline, unless there is nothing to show. */
export function renderScriptResult({ tables, findings }: ScriptResult): string {
  const found = findings.map(({ severity, title, hint, kind, at }) => {
    const when = at === undefined ? '' : ` at ${moment(at)}`;
    return `${severity}: ${title}${when}\n${hint === undefined ? '' : `  hint: ${hint}\n`}  kind: ${kind}\n`;
  });
  return [...tables.map(table), ...found].join('\n');
}
