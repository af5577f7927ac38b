// SPDX-License-Identifier: MIT
// What the writer writes is what an engine that is none of ours reads: values of all types, nulls, many row groups.

import { closeSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import { type ParquetColumn, type ParquetValues, ParquetWriter } from '../../../tracer/recorder/parquet.js';
import { randomGenerator } from '../../profiler/fixtures/fuzz.js';

const COLUMNS: readonly ParquetColumn[] = [
  { name: 'row', type: 'i64', sorted: true },
  { name: 'wide', type: 'i64' },
  { name: 'few', type: 'i64' },
  { name: 'jumps', type: 'i64', sorted: true },
  { name: 'u64', type: 'u64' },
  { name: 'i32', type: 'i32' },
  { name: 'u32', type: 'u32' },
  { name: 'u16', type: 'u16' },
  { name: 'u8', type: 'u8' },
  { name: 'f64', type: 'f64' },
  { name: 'text', type: 'text' },
  { name: 'maybe', type: 'i64', optional: true },
  { name: 'maybe_text', type: 'text', optional: true },
];
const TEXTS = ['', 'a', 'déjà vu', 'x'.repeat(300), 'quote \' " \\'];

async function reader(): Promise<(sql: string) => Promise<unknown[][]>> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  return async (sql) => (await connection.runAndReadAll(sql)).getRows();
}

/** One random row group; `say` gets each row as it should be read. */
function group(
  random: (n: number) => number,
  rows: number,
  from: number,
  say: (row: unknown[]) => void,
): ParquetValues[] {
  const values = COLUMNS.map(({ type }) => {
    if (type === 'i32') return new Int32Array(rows);
    if (type === 'u32' || type === 'text') return new Uint32Array(rows);
    if (type === 'u16') return new Uint16Array(rows);
    return type === 'u8' ? new Uint8Array(rows) : new Float64Array(rows);
  });
  const valid = [new Uint8Array(rows), new Uint8Array(rows)];
  const nulls = random(4);
  for (let i = 0; i < rows; i++) {
    const there = nulls === 0 ? 1 : nulls === 1 ? 0 : Number(random(3) > 0);
    const made = [
      from + i,
      (random(2) === 0 ? -1 : 1) * random(2 ** 31) * random(2 ** 21),
      -7 + random(3),
      random(9) === 0 ? -random(2 ** 31) : i,
      random(2 ** 31) * 2 ** 20 * random(2),
      random(2 ** 31) * (random(2) === 0 ? 1 : -1),
      2 ** 31 + random(2 ** 31),
      random(65536),
      (i >> 4) & 255,
      random(1000) / 7,
      random(i % 97 < 40 ? 1 : TEXTS.length),
      random(50),
      random(TEXTS.length),
    ];
    made.forEach((v, c) => {
      (values[c] as Float64Array)[i] = v;
    });
    (valid[0] as Uint8Array)[i] = there;
    (valid[1] as Uint8Array)[i] = 1 - there;
    const row: unknown[] = made.map((v, c) => (c === 9 ? v : BigInt(v)));
    row[10] = TEXTS[made[10] as number];
    row[11] = there === 1 ? row[11] : null;
    row[12] = there === 0 ? TEXTS[made[12] as number] : null;
    say(row);
  }
  return COLUMNS.map((column, c) => ({
    values: values[c] as Float64Array,
    ...(column.type === 'text' ? { texts: TEXTS } : {}),
    ...(column.optional === true ? { valid: valid[c - 11] as Uint8Array } : {}),
  }));
}

t.test('random columns come back', async (t) => {
  const read = await reader();
  for (const [seed, sizes, level] of [
    [1, [1], 1],
    [2, [7, 8, 9], 0],
    [3, [129, 1, 4000, 33], 3],
    [4, [70_000, 300], 1],
  ] as const) {
    const random = randomGenerator(seed);
    const file = join(t.testdir(), `${seed}.parquet`);
    const writer = new ParquetWriter(file, COLUMNS, { level, metadata: { made: 'by a test' } });
    const expected: unknown[][] = [];
    for (const rows of sizes)
      writer.add(
        rows,
        group(random, rows, expected.length, (row) => expected.push(row)),
      );
    const { rows, bytes } = writer.finish();
    t.equal(rows, expected.length);
    t.equal(statSync(file).size, bytes);
    t.equal(statSync(file).mode & 0o777, 0o600);
    const casts = COLUMNS.map(({ name, type }) =>
      type === 'text' || type === 'f64' ? `"${name}"` : `"${name}"::HUGEINT`,
    );
    const found = await read(`SELECT ${casts.join(', ')} FROM '${file}' ORDER BY "row"`);
    const wrong = expected.findIndex((row, i) => row.some((v, c) => v !== found[i]?.[c]));
    t.equal(wrong, -1, `row ${wrong}: ${String(expected[wrong])} was read as ${String(found[wrong])}`);
    const groups = await read(`SELECT count(DISTINCT row_group_id) FROM parquet_metadata('${file}')`);
    t.equal(groups[0]?.[0], BigInt(sizes.length));
    const bounds = await read(
      `SELECT min(stats_min_value::BIGINT), max(stats_max_value::BIGINT) FROM parquet_metadata('${file}') WHERE path_in_schema = 'row'`,
    );
    t.same(bounds[0], [0n, BigInt(expected.length - 1)]);
  }
});

t.test('a file without rows', async (t) => {
  const file = join(t.testdir(), 'empty.parquet');
  new ParquetWriter(file, COLUMNS).finish();
  const read = await reader();
  t.same(await read(`SELECT count(*) FROM '${file}'`), [[0n]]);
});

t.test('faults', async (t) => {
  const dir = t.testdir({ there: '' });
  const missing = new ParquetWriter(join(dir, 'no/such/folder.parquet'), COLUMNS.slice(0, 1));
  t.throws(() => missing.finish(), { name: 'ParquetError', code: 'ENOENT', message: /no.such.folder/ });
  const known = new ParquetWriter(join(dir, 'there'), COLUMNS.slice(0, 1));
  t.throws(() => known.finish(), { code: 'EEXIST' }, 'never writes over a file');
  const writer = new ParquetWriter(join(dir, 'x'), COLUMNS.slice(0, 1));
  t.throws(() => writer.add(2, [{ values: new Float64Array(1) }]), RangeError);
  t.throws(() => writer.add(2, []), RangeError);
  t.throws(() => new ParquetWriter(join(dir, 'y'), [{ name: 'z', type: 'nope' as 'i64' }]), TypeError);
  writer.finish();
  t.throws(() => writer.finish(), /finished/);
  const texts = new ParquetWriter(join(dir, 'z'), [{ name: 't', type: 'text' }]);
  texts.add(1, [{ values: Uint32Array.of(3), texts: ['a'] }]);
  t.throws(() => texts.finish(), { code: 'EINVAL' }, 'a text that is not there');
  closeSync(openSync(join(dir, 'there'), 'r'));
});
