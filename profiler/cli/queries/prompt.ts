// SPDX-License-Identifier: MIT
// The interactive prompt: statements over several lines up to `;`, history, completion of tables, columns and words of SQL.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Engine } from '../../query/index.js';
import { failureOf } from '../failure.js';
import { printFailure } from '../output.js';
import { query } from '../lazy.js';
import { sayWhenEmpty, stoppable } from './answer.js';
import type { Recordings } from './recordings.js';

const KEPT_LINES = 1000;
/** Rows of a table shown at most. */
const SHOWN = 200;
const WORDS =
  'SELECT FROM WHERE GROUP BY ALL ORDER BY DESC LIMIT JOIN LEFT ASOF USING ON AND OR NOT NULL IS AS COUNT SUM AVG MIN MAX quantile_disc BETWEEN LIKE HAVING WITH DISTINCT FILTER CASE WHEN THEN ELSE END DESCRIBE SUMMARIZE'.split(
    ' ',
  );

const HELP = `Statements end with ;   Ctrl-C stops a query, Ctrl-D leaves.
  .schema [NAME]    tables and columns        .examples         ready queries
  .example NAME     run one                   .mode FORMAT      table, csv or json
  .timer on|off     time of each query        .quit
`;

/** @returns what the last word of a line may go on as */
export function completions(line: string, names: readonly string[]): [string[], string] {
  const word = /[A-Za-z_.][\w.]*$/.exec(line)?.[0] ?? '';
  if (word === '') return [[], ''];
  const lower = word.toLowerCase();
  return [[...new Set(names)].filter((name) => name.toLowerCase().startsWith(lower)).sort(), word];
}

function historyFile(root: string): string {
  return join(dirname(root), 'query-history');
}

function readHistory(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).slice(-KEPT_LINES).reverse();
}

interface Session {
  readonly engine: Engine;
  mode: 'table' | 'csv' | 'json';
  timer: boolean;
}

async function show(session: Session, sql: string, signal: AbortSignal): Promise<void> {
  const { writeRows } = await query();
  const began = performance.now();
  try {
    await stoppable(session.engine, signal, async () => {
      const rows = await session.engine.query(sql);
      const width = process.stdout.columns ?? 120;
      const put = (text: string): void => void process.stdout.write(text);
      sayWhenEmpty(await writeRows(rows, { format: session.mode, limit: SHOWN, width }, put));
    });
    if (session.timer) process.stdout.write(`${Math.round(performance.now() - began)} ms\n`);
  } catch (error) {
    if ((error as Error).name === 'AbortError') process.stdout.write('interrupted\n');
    else printFailure(failureOf(error), undefined);
  }
}

/** A line that begins with a dot; true: leave. */
async function command(session: Session, line: string, signal: AbortSignal): Promise<boolean> {
  const [name = '', arg = ''] = line.split(/\s+/);
  const { renderSchema, EXAMPLES } = await query();
  if (name === '.quit' || name === '.exit') return true;
  if (name === '.schema') process.stdout.write(renderSchema(arg === '' ? undefined : arg));
  else if (name === '.examples') {
    process.stdout.write(EXAMPLES.map((e) => `  ${e.name.padEnd(24)} ${e.question}\n`).join(''));
  } else if (name === '.example') {
    const found = EXAMPLES.find((e) => e.name === arg);
    if (found === undefined) process.stdout.write(`no example "${arg}"\n`);
    else {
      process.stdout.write(`${found.sql};\n`);
      await show(session, found.sql, signal);
    }
  } else if (name === '.mode' && (arg === 'table' || arg === 'csv' || arg === 'json')) session.mode = arg;
  else if (name === '.timer' && (arg === 'on' || arg === 'off')) session.timer = arg === 'on';
  else process.stdout.write(HELP);
  return false;
}

/** Asks until Ctrl-D. */
export async function prompt({ engine }: Recordings, signal: AbortSignal): Promise<void> {
  const { cacheRoot, MACROS, SCHEMA, statementEnds } = await query();
  const tables = SCHEMA.flatMap((group) => group.tables);
  const names = [
    ...tables.flatMap((t) => [t.name, ...t.columns.map(([c]) => c)]),
    ...MACROS.map((m) => m.name),
    ...WORDS,
  ];
  const file = historyFile(cacheRoot());
  const session: Session = { engine, mode: 'table', timer: true };
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    completer: (line: string) => completions(line, names),
    history: readHistory(file),
    historySize: KEPT_LINES,
    prompt: 'sql> ',
  });
  let history: string[] = [];
  lines.on('history', (list: string[]) => {
    history = list;
  });
  let statement = '';
  let running: AbortController | undefined;
  lines.on('SIGINT', () => {
    if (running !== undefined) running.abort();
    else {
      statement = '';
      process.stdout.write('\n');
      lines.setPrompt('sql> ');
      lines.prompt();
    }
  });
  const ended = (): void => lines.close();
  signal.addEventListener('abort', ended);
  process.stdout.write('.help shows the commands.\n');
  lines.prompt();
  try {
    for await (const line of lines) {
      const text = line.trim();
      running = new AbortController();
      if (statement === '' && text.startsWith('.')) {
        if (await command(session, text, running.signal)) break;
      } else if (text !== '' || statement !== '') {
        statement += `${line}\n`;
        if (statementEnds(statement)) {
          await show(session, statement, running.signal);
          statement = '';
        }
      }
      running = undefined;
      lines.setPrompt(statement === '' ? 'sql> ' : '...> ');
      lines.prompt();
    }
  } finally {
    signal.removeEventListener('abort', ended);
    lines.close();
    if (history.length > 0) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, `${history.slice(0, KEPT_LINES).reverse().join('\n')}\n`, { mode: 0o600 });
    }
  }
}
