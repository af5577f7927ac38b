// SPDX-License-Identifier: MIT
// Two builds of the kernel's e1000e, one of them slower by half a microsecond in one function: `diff` names that function's path first, and
// nothing when both sides hold as many recordings of either. For the 5 % of `npm run bench:profiler -- --diff` more are needed.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { copyDriver, recordInTurn, SLOWED, slowDown } from '../../profiler/bench/slow-driver.js';
import type { Comparison } from '../../profiler/diff/index.js';
import { cli } from '../fixtures/cli.js';

/**
 * A fast call takes 1.3 us on the machine on which this was written. Six recordings a side tell only what is slower in each of
 * them: the delay has to be larger than what a neighbour does to one recording.
 */
const SLOWER_NS = 500;
const WORKLOAD = ['tcp', '--bytes', '30000000'];

t.test('a function that became slower', async (t) => {
  const dir = t.testdir({});
  const [a, b] = [join(dir, 'a'), join(dir, 'b')] as const;
  const copies = [copyDriver(join(dir, 'before')), copyDriver(join(dir, 'after'))] as const;
  slowDown(copies[0], 0);
  slowDown(copies[1], SLOWER_NS);
  recordInTurn(copies, [a, b], 6, WORKLOAD);
  const files = [a, b].map((d) => readdirSync(d).sort().map((name) => join(d, name)));
  t.strictSame(files.map((list) => list.length), [6, 6]);

  const end = await cli(['diff', a, b, '--json']);
  t.equal(end.code, 0, end.stderr);
  const found = end.json<Comparison>().paths.filter((p) => p.significant);
  for (const p of found) t.comment(`${p.path}: fast ${p.fast?.ratio}, usual ${p.usual?.ratio}, calls ${p.calls.ratio}`);
  t.equal(found[0]?.name, SLOWED);
  const ratio = found[0]?.fast?.ratio ?? 0;
  t.ok(ratio > 1.15 && ratio < 2, `${ratio} x`);

  const mixed = [0, 1].map((k) => files.flatMap((list) => list.filter((_, i) => i % 2 === k)).join(','));
  const equal = await cli(['diff', ...mixed, '--json']);
  t.equal(equal.code, 0, equal.stderr);
  const c = equal.json<Comparison>();
  t.strictSame([c.a.length, c.b.length], [6, 6]);
  t.ok(c.resolution <= c.alpha && c.paths.length > 20, 'it could have alarmed');
  t.strictSame(c.paths.filter((p) => p.significant).map((p) => p.path), [], 'equal groups: nothing');
});
