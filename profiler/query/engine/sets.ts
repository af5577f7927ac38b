// SPDX-License-Identifier: MIT
// Sets of tables on the disk, as tables of the engine.

import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EVENT_TABLE } from '../../../tracer/decode/events.gen.js';
import type { PlacedEvent } from '../../../tracer/decode/types.js';
import type { ParquetType } from '../../../tracer/recorder/parquet.js';
import { argColumns, COMMON_COLUMNS, eventTable } from '../tables/events.js';
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

function tablesIn(dir: string): string[] {
  return readdirSync(dir)
    .flatMap((name) => /^table=(.+)$/.exec(name)?.[1] ?? [])
    .sort();
}

/** All of a table, of all sets. Each has its own columns: an older recording may lack one. */
function selectOf(table: string, sets: readonly TableSet[]): string {
  const of = ({ recording, dir }: TableSet): string =>
    `SELECT ${quote(recording)} AS recording, * FROM read_parquet(${quote(join(dir, `table=${table}`, '*.parquet'))}, hive_partitioning = false)`;
  const exported = sets.filter(({ dir }) => basename(dir).startsWith('recording='));
  const others = sets.filter((set) => !exported.includes(set));
  const selects = others.map(of);
  if (exported.length > 0) {
    // The folder's name is the column, so a condition on it leaves out whole folders. Never as a number: 6.1 is not 6.10.
    const files = exported.map(({ dir }) => quote(join(dir, `table=${table}`, '*.parquet'))).join(', ');
    selects.push(
      `SELECT recording, * EXCLUDE (recording, "table") FROM read_parquet([${files}], hive_partitioning = true, ` +
        'hive_types_autocast = false, union_by_name = true)',
    );
  }
  return selects.join(' UNION ALL BY NAME ');
}

const SQL_TYPES: Readonly<Record<ParquetType, string>> = {
  i64: 'BIGINT',
  u64: 'UBIGINT',
  i32: 'INTEGER',
  u32: 'UINTEGER',
  u16: 'USMALLINT',
  u8: 'UTINYINT',
  f64: 'DOUBLE',
  text: 'VARCHAR',
};

/** An event that never came: a question about it has an answer all the same. */
function emptyEvent(event: PlacedEvent): string {
  const columns = [...COMMON_COLUMNS, ...event.args.flatMap(argColumns)];
  const nulls = columns.map(({ name, type }) => `NULL::${SQL_TYPES[type]} AS ${identifier(name)}`);
  return `SELECT NULL::VARCHAR AS recording, ${nulls.join(', ')} WHERE false`;
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
  for (const event of EVENT_TABLE) {
    const table = eventTable(event);
    if (byTable.has(table)) continue;
    schemas.add(table.split('.')[0] as string);
    views.push(`CREATE VIEW ${qualified(table)} AS ${emptyEvent(event)}`);
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
