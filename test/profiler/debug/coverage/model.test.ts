// SPDX-License-Identifier: MIT
// Counters of objects and runs are added up by line, function and branch.
import t from 'tap';
import { type CoverageFile, mergeCoverage, percent, totalsOf } from '../../../../profiler/debug/coverage/model.js';

const file = (path: string, count: number, ways: readonly number[]): CoverageFile => ({
  path,
  functions: [{ name: 'probe', line: 3, count }],
  lines: [
    { line: 4, count, branches: [{ function: 'probe', counts: ways }] },
    { line: 2, count: 0, branches: [] },
  ],
});

t.test('runs add up', async (t) => {
  const [a, b, ...more] = mergeCoverage([file('/b.c', 1, [1, 0])], [file('/b.c', 2, [0, 2]), file('/a.c', 0, [0, 0])]);
  t.strictSame(more, []);
  t.equal(a?.path, '/a.c', 'sorted');
  t.strictSame(b, {
    path: '/b.c',
    functions: [{ name: 'probe', line: 3, count: 3 }],
    lines: [
      { line: 2, count: 0, branches: [] },
      { line: 4, count: 3, branches: [{ function: 'probe', counts: [1, 2] }] },
    ],
  });
});

t.test('branches of a line in two functions stay apart', async (t) => {
  const other = {
    ...file('/b.c', 1, []),
    lines: [{ line: 4, count: 1, branches: [{ function: 'open', counts: [1] }] }],
  };
  const [merged] = mergeCoverage([file('/b.c', 1, [1, 0])], [other]);
  t.strictSame(merged?.lines[1]?.branches, [
    { function: 'probe', counts: [1, 0] },
    { function: 'open', counts: [1] },
  ]);
});

t.test('totals', async (t) => {
  const totals = totalsOf([file('/a.c', 1, [1, 0]), file('/b.c', 0, [0, 0])]);
  t.strictSame(totals, {
    lines: { hit: 1, total: 4 },
    functions: { hit: 1, total: 2 },
    branches: { hit: 1, total: 4 },
  });
  t.equal(percent(totals.lines), 25);
  t.equal(percent({ hit: 0, total: 0 }), 100);
});
