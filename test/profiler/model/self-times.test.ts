// SPDX-License-Identifier: MIT
import t from 'tap';
import { SelfTimes } from '../../../profiler/model/index.js';

t.test('memory grows with what differs, not with the number of call paths', async (t) => {
  const paths = 100_000;
  const spread = new SelfTimes();
  global.gc?.();
  const before = process.memoryUsage();
  for (let node = 0; node < paths; node++)
    for (let i = 0; i < 8; i++) spread.add(node, 1000 + ((node * 31 + i * 97) % 4000));
  const after = process.memoryUsage();
  const bytes = (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / paths;
  t.ok(bytes < 2000, `${Math.round(bytes)} bytes a path`);
  const all = new SelfTimes();
  for (let node = 0; node < paths; node++) all.merge(node % 10, spread, node);
  t.ok(Math.abs((all.mean(3) as number) - 3000) < 100, `${all.mean(3)}`);
});

t.test('means of shares are those of the calls, also where there are more buckets than are kept', async (t) => {
  for (const octaves of [3, 10, 30]) {
    const times = new SelfTimes();
    const calls: number[] = [];
    for (let i = 0; i < 20_000; i++) calls.push(Math.floor(2 ** (4 + ((i * 7919) % 20_000) / (20_000 / octaves))));
    for (const ns of calls) times.add(5, ns);
    calls.sort((a, b) => a - b);
    for (const [from, to] of [
      [0, 0.75],
      [0.002, 0.02],
      [0, 1],
    ] as const) {
      const some = calls.slice(Math.round(from * calls.length), Math.round(to * calls.length));
      const expected = some.reduce((a, b) => a + b) / some.length;
      const got = times.mean(5, from, to) as number;
      t.ok(
        Math.abs(got / expected - 1) < (octaves > 8 ? 0.1 : 0.03),
        `${octaves} octaves, ${from} to ${to}: ${got} for ${expected}`,
      );
    }
  }
  t.equal(new SelfTimes().mean(3), undefined);
});
