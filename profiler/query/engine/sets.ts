// SPDX-License-Identifier: MIT
// Sets of tables on the disk, as tables of the engine.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MACROS, VIEWS } from '../schema/views.js';
import type { Engine } from './engine.js';

/** One recording's tables: `table=NAME/part-N.parquet` in a folder. */
export interface TableSet {
  readonly recording: string;
  readonly dir: string;
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `irq.softirq_entry` -> `"irq"."softirq_entry"` */
const qualified = (name: string): string => name.split('.').map(identifier).join('.');

export function tablesIn(dir: string): string[] {
  return readdirSync(dir)
    .flatMap((name) => /^table=(.+)$/.exec(name)?.[1] ?? [])
    .sort();
}

/** All of a table, of all sets. Each has its own columns: an older recording may lack one. */
function selectOf(table: string, sets: readonly TableSet[]): string {
  const of = ({ recording, dir }: TableSet): string =>
    `SELECT ${quote(recording)} AS recording, * FROM read_parquet(${quote(join(dir, `table=${table}`, '*.parquet'))}, hive_partitioning = false)`;
  return sets.map(of).join(' UNION ALL BY NAME ');
}

/** Tables as they lie on the disk: `stored.slice`, `irq.softirq_entry`. */
export async function attach(engine: Engine, sets: readonly TableSet[]): Promise<void> {
  const byTable = new Map<string, TableSet[]>();
  for (const set of sets) {
    for (const table of tablesIn(set.dir)) byTable.set(table, [...(byTable.get(table) ?? []), set]);
  }
  const schemas = new Set(['stored']);
  const views: string[] = [];
  for (const [table, of] of byTable) {
    const schema = table.includes('.') ? (table.split('.')[0] as string) : undefined;
    if (schema !== undefined) schemas.add(schema);
    views.push(`CREATE VIEW ${qualified(schema === undefined ? `stored.${table}` : table)} AS ${selectOf(table, of)}`);
  }
  const all = [...[...schemas].map((name) => `CREATE SCHEMA ${identifier(name)}`), ...views];
  await engine.define(all.join(';\n'));
}

/** What is asked for by name: the tables, views and macros of `query --schema`. */
export async function defineViews(engine: Engine, sets: readonly TableSet[]): Promise<void> {
  const stored = new Set(sets.flatMap(({ dir }) => tablesIn(dir)));
  const made = new Set(VIEWS.map(({ name }) => name));
  const plain = [...stored].filter((name) => !name.includes('.') && !made.has(name));
  await engine.define(
    [
      ...plain.map((name) => `CREATE VIEW ${identifier(name)} AS SELECT * FROM stored.${identifier(name)}`),
      ...VIEWS.map(({ name, select }) => `CREATE VIEW ${identifier(name)} AS ${select}`),
      ...MACROS.map(({ define }) => define),
    ].join(';\n'),
  );
}
