// SPDX-License-Identifier: MIT
// What `query --schema` tells is what the engine has, and every ready query and macro runs.

import t from 'tap';
import { EXAMPLES, MACROS, renderSchema, SCHEMA } from '../../../profiler/query/index.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { engineFor, rowsOf } from './fixtures.js';

t.test('tables, columns, examples, macros', async (t) => {
  const engine = await engineFor(t.testdir(), networkTrace({ packets: 200 }).trace());
  t.teardown(() => engine.close());
  const tables = SCHEMA.flatMap((group) => group.tables);

  t.test('each table has the columns that are documented, and no other', async (t) => {
    for (const { name, columns } of tables) {
      const { names } = await engine.query(
        `SELECT * FROM ${name
          .split('.')
          .map((n) => `"${n}"`)
          .join('.')} LIMIT 0`,
      );
      t.strictSame([...names].sort(), columns.map(([column]) => column).sort(), name);
    }
  });

  t.test('each table of the engine is documented', async (t) => {
    const known = new Set(tables.map(({ name }) => name));
    const rows = await rowsOf(
      engine,
      `SELECT CASE schema_name WHEN 'main' THEN view_name ELSE schema_name || '.' || view_name END AS name FROM duckdb_views()
       WHERE NOT internal AND schema_name <> 'stored'`,
    );
    t.ok(rows.length > 50);
    t.strictSame(
      rows.map(({ name }) => name).filter((name) => !known.has(String(name))),
      [],
    );
  });

  t.test('every column has a unit, every table a text', async (t) => {
    for (const { name, text, columns } of tables) {
      t.not(text, '', name);
      for (const [column, unit] of columns)
        t.match(unit, /^(ns|id|bytes|number|text|boolean|address)$/, `${name}.${column}`);
    }
    t.match(renderSchema('dma_mapping'), /dur +ns +until its end/);
    t.notMatch(renderSchema('dma_mapping'), /napi_poll/);
  });

  t.test('every ready query runs, most of them find something', async (t) => {
    t.ok(EXAMPLES.length >= 20);
    t.equal(new Set(EXAMPLES.map(({ name }) => name)).size, EXAMPLES.length);
    let found = 0;
    for (const { name, question, sql } of EXAMPLES) {
      t.match(question, /\?$/, name);
      if ((await rowsOf(engine, sql)).length > 0) found++;
    }
    t.ok(found >= 12, `${found} of ${EXAMPLES.length}`);
  });

  t.test('macros', async (t) => {
    const [deep] = await rowsOf(engine, 'SELECT id, depth, parent_id FROM slice ORDER BY depth DESC, id LIMIT 1');
    const up = await rowsOf(engine, `SELECT * FROM ancestor_slice(${deep?.['id']})`);
    t.equal(up.length, deep?.['depth']);
    t.equal(up[0]?.['id'], deep?.['parent_id']);
    const down = await rowsOf(engine, `SELECT id FROM descendant_slice(${up.at(-1)?.['id']})`);
    t.ok(down.some(({ id }) => id === deep?.['id']));
    const over = await rowsOf(engine, `SELECT count(*) AS n FROM slices_in(0, 1000000000000)`);
    t.same(over, await rowsOf(engine, 'SELECT count(*) AS n FROM slice'));
    t.ok((await rowsOf(engine, `SELECT * FROM callers_of('napi_gro_receive')`)).length > 0);
    t.equal(
      (await rowsOf(engine, 'SELECT symbol_at(4194304) AS name'))[0]?.['name'],
      (await rowsOf(engine, 'SELECT name FROM symbol WHERE address = 4194304'))[0]?.['name'],
    );
    for (const { call } of MACROS) t.match(call, /^\w+\(.*\)$/);
    await rowsOf(engine, `SELECT * FROM overlapping_slice(${deep?.['id']})`);
    await rowsOf(engine, `SELECT extract_arg(arg_set_id, 'ret') FROM slice LIMIT 5`);
  });
});
