// SPDX-License-Identifier: MIT
// What SQL may not do, and what is said when it is wrong.

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Engine, type QueryError, queryToParquet, statementEnds, writeRows } from '../../../profiler/query/index.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { engineFor, rowsOf } from './fixtures.js';

async function fault(engine: Engine, sql: string): Promise<QueryError> {
  try {
    await rowsOf(engine, sql);
  } catch (error) {
    return error as QueryError;
  }
  throw new Error(`no fault: ${sql}`);
}

t.test('an engine', async (t) => {
  const dir = t.testdir();
  const engine = await engineFor(dir, networkTrace({ packets: 20 }).trace());
  t.teardown(() => engine.close());
  const own = join(dir, 'set-0');
  const outside = join(dir, 'outside.csv');
  writeFileSync(outside, 'a\n1\n');

  t.test('nothing outside of the recording is read, written, loaded or fetched', async (t) => {
    for (const sql of [
      `SELECT * FROM read_csv('${outside}')`,
      `SELECT * FROM '${outside}'`,
      `SELECT * FROM read_text('${own}/../outside.csv')`,
      `SELECT * FROM glob('${dir}/*')`,
      `COPY (SELECT 1) TO '${join(dir, 'x.csv')}'`,
      `COPY (SELECT 1) TO '${own}/x.csv'`,
      `EXPORT DATABASE '${own}/db'`,
      `ATTACH '${join(dir, 'x.db')}'`,
      `ATTACH '${own}/x.db'`,
      'INSTALL httpfs',
      'LOAD httpfs',
      `LOAD '${own}/x'`,
      `SELECT * FROM 'http://127.0.0.1:9/x.parquet'`,
      `SELECT * FROM read_parquet('s3://bucket/x.parquet')`,
      `SET enable_external_access = true`,
      `SET allowed_directories = ['/']`,
      `PRAGMA temp_directory='/tmp/x'`,
      `SELECT 1; COPY (SELECT 1) TO '${own}/x.csv'; SELECT 2`,
      `EXPLAIN ANALYZE COPY (SELECT 1) TO '${own}/x.csv'`,
      `EXPLAIN (FORMAT json, ANALYZE) COPY (SELECT 1) TO '${own}/x.csv'`,
      `PREPARE p AS COPY (SELECT 1) TO '${own}/x.csv'; EXECUTE p`,
    ]) {
      const error = await fault(engine, sql);
      t.match(error, { name: 'QueryError', code: /^ERR_DDE_QUERY_(FORBIDDEN|SQL)$/ }, sql);
    }
    t.strictSame(
      readdirSync(own).filter((name) => !name.startsWith('table=')),
      [],
    );
    t.notOk(existsSync(join(dir, 'x.csv')));
  });

  t.test('a fault of SQL names the line', async (t) => {
    const missing = await fault(engine, 'SELECT 1\nFROM no_such_table');
    t.match(missing, { code: 'ERR_DDE_QUERY_SQL', message: /line 2.*no_such_table/s, advice: /--schema/ });
    t.match(await fault(engine, 'SELECT\n\n1 +'), {
      code: 'ERR_DDE_QUERY_SQL',
      message: /syntax error in line 3|parser error in line 3/i,
    });
    t.match(await fault(engine, 'SELECT nope FROM slice'), { code: 'ERR_DDE_QUERY_SQL', message: /nope/ });
    t.match(await fault(engine, ' '), { code: 'ERR_DDE_QUERY_SQL', message: /no SQL/ });
  });

  t.test('several statements: the rows of the last', async (t) => {
    t.same(await rowsOf(engine, 'CREATE TEMP TABLE x AS SELECT 7 AS n; SELECT n FROM x;'), [{ n: 7 }]);
  });

  t.test('a long query is interrupted', async (t) => {
    const long = rowsOf(engine, 'SELECT count(*) FROM range(100000000) a, range(100000) b');
    setTimeout(() => engine.interrupt(), 200);
    await t.rejects(long, { name: 'AbortError' });
    t.same(await rowsOf(engine, 'SELECT 1 AS n'), [{ n: 1 }], 'and the next one runs');
  });

  t.test('formats', async (t) => {
    const text = async (format: 'table' | 'csv' | 'json', sql: string, limit?: number): Promise<string> => {
      let out = '';
      await writeRows(await engine.query(sql), { format, ...(limit === undefined ? {} : { limit }) }, (x) => {
        out += x;
      });
      return out;
    };
    const sql = `SELECT 1 AS n, 'a,"b' AS s, NULL AS z, 0.5::DOUBLE AS d, 9007199254740993 AS big, [1, 2] AS l`;
    t.equal(await text('csv', sql), 'n,s,z,d,big,l\n1,"a,""b",,0.5,9007199254740993,"[1, 2]"\n');
    t.same(JSON.parse(await text('json', sql)), [
      { n: 1, s: 'a,"b', z: null, d: 0.5, big: '9007199254740993', l: [1, 2] },
    ]);
    t.same(JSON.parse(await text('json', 'SELECT 1 WHERE false')), []);
    t.equal(
      await text('table', 'SELECT i, i * 10 AS ten FROM range(3) x(i)', 2),
      'i  ten\n-  ---\n0    0\n1   10\n1 more rows (--limit 3, or -o FILE)\n',
    );
    const file = await queryToParquet(engine, 'SELECT count(*) AS n FROM slice;');
    t.same(await rowsOf(engine, `SELECT n = (SELECT count(*) FROM slice) AS same FROM '${file}'`), [{ same: true }]);
    await t.rejects(queryToParquet(engine, 'CREATE TABLE y (a INT)'), { code: 'ERR_DDE_QUERY_SQL' });
  });

  t.test('its own files go with it', async (t) => {
    const other = await Engine.open({ read: [], temporary: dir });
    t.ok(existsSync(other.scratch));
    other.close();
    t.notOk(existsSync(other.scratch));
  });
});

t.test('files that the user names', async (t) => {
  const dir = t.testdir({ given: { 'a.csv': 'n\n5\n' } });
  const engine = await Engine.open({ read: [], files: [join(dir, 'given')], temporary: dir });
  t.teardown(() => engine.close());
  await engine.lock();
  t.same(await rowsOf(engine, `SELECT n FROM '${dir}/given/a.csv'`), [{ n: 5 }]);
  await rowsOf(engine, `COPY (SELECT 6 AS n) TO '${dir}/given/b.csv'`);
  t.ok(existsSync(join(dir, 'given/b.csv')));
  t.match(await fault(engine, `COPY (SELECT 6 AS n) TO '${dir}/b.csv'`), { code: 'ERR_DDE_QUERY_FORBIDDEN' });
});

t.test('where a statement ends', async (t) => {
  for (const sql of ['SELECT 1;', "SELECT ';' ; -- x\n", 'SELECT "a;" /* ; */;']) t.ok(statementEnds(sql), sql);
  for (const sql of ['SELECT 1', "SELECT ';", 'SELECT 1 -- ;', "SELECT 'a;\n'", '/* ; */ SELECT'])
    t.notOk(statementEnds(sql), sql);
});
