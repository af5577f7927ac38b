// SPDX-License-Identifier: MIT
// The same files, the same answers, in ClickHouse (the npm package chdb, half a gigabyte, which is no dependency): DDE_CHDB names a folder
// whose node_modules has it.

import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t from 'tap';
import { attach, defineViews, Engine, makeSet } from '../../../profiler/query/index.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { rowsOf } from './fixtures.js';

const folder = process.env['DDE_CHDB'];
const skip = folder === undefined ? 'DDE_CHDB names no folder with the npm package chdb' : false;

const QUESTIONS: readonly (readonly [table: string, sql: string])[] = [
  [
    'slice',
    'SELECT name, count(*) AS n, sum(dur) AS d, max(depth) AS m, sum(parent_id) AS p FROM {} GROUP BY name ORDER BY name',
  ],
  ['dma_mapping', 'SELECT dir, count(*) AS n, sum(size) AS d, sum(dur) AS l FROM {} GROUP BY dir ORDER BY dir'],
  ['irq.softirq_entry', 'SELECT vec, count(*) AS n, min(ts) AS a, max(ts) AS b FROM {} GROUP BY vec ORDER BY vec'],
  ['call_words', 'SELECT count(*) AS n, count(arg1) AS a, sum(ret) AS r FROM {}'],
];

t.test('ClickHouse', { skip }, async (t) => {
  const dir = t.testdir();
  const set = join(dir, 'recording=x');
  mkdirSync(set);
  await makeSet(networkTrace({ packets: 300 }).trace(), { dir: set, level: 5 });
  const { query } = createRequire(join(folder ?? '', 'x.js'))('chdb') as { query(sql: string, format: string): string };
  const engine = await Engine.open({ read: [set], temporary: dir });
  t.teardown(() => engine.close());
  const sets = [{ recording: 'x', dir: set }];
  await attach(engine, sets);
  await defineViews(engine, sets);
  for (const [table, sql] of QUESTIONS) {
    const ours = await rowsOf(engine, sql.replace('{}', `read_parquet('${set}/table=${table}/*.parquet')`));
    const text = query(sql.replace('{}', `file('${set}/table=${table}/*.parquet', Parquet)`), 'JSONEachRow');
    const theirs = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const plain = theirs.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([k, v]) => [k, typeof v === 'string' && /^-?\d+$/.test(v) ? Number(v) : v]),
      ),
    );
    t.strictSame(plain, ours, table);
  }
});
