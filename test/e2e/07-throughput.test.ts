// SPDX-License-Identifier: MIT
// Point 7: TCP without and with the trace; nothing is lost, and little is slower. DDE_LONG=1 records the full 60 s.
import { join } from 'node:path';
import t from 'tap';
import { type RunJson, ends, run } from '../fixtures/e2e.js';

const LONG = process.env['DDE_LONG'] === '1';
const SECONDS = LONG ? 60 : 8;

function rates({ results }: RunJson): { out: number; in: number } {
  const last = results.at(-1) ?? {};
  const rate = (name: string): number =>
    (last as Record<string, { mbitPerSecond: number }>)[name]?.mbitPerSecond ?? Number.NaN;
  return { out: rate('out'), in: rate('in') };
}

t.test('TCP in both directions', async (t) => {
  const workload = ['--', 'tcp', '--duration', String(SECONDS)];
  const plain = await run(['run', 'e1000e', ...workload]);
  ends(t, plain);
  const file = join(t.testdir({}), 'tcp.ddet');
  const traced = await run(['record', 'e1000e', '-o', file, ...workload]);
  ends(t, traced);
  for (const { result } of [plain, traced]) {
    t.match(result.results, [{ workload: 'tcp', ok: true, out: { equal: true }, in: { equal: true } }]);
    t.strictSame(
      result.tcp.map(({ equal }) => equal),
      [true, true],
      'the peer says so, too',
    );
  }
  const { produced = 0, recorded = 0, lost = 0 } = traced.result.trace ?? {};
  t.ok(recorded > 10_000, `${recorded} events`);
  t.equal(produced, recorded + lost, 'produced = recorded + lost');
  t.equal(lost, 0, 'none is lost');
  const before = rates(plain.result);
  const after = rates(traced.result);
  t.comment(`untraced ${before.out} out, ${before.in} in; traced ${after.out} out, ${after.in} in (Mbit/s)`);
  // Speed is a benchmark's business (`npm run bench:runtime`): a test on a shared machine cannot judge it.
});
