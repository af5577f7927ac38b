// SPDX-License-Identifier: MIT
import t from 'tap';
import { bucketOf, bucketStart, Histogram } from '../../../profiler/model/index.js';

t.test('buckets hold their start and stay in order', async (t) => {
  let before = -1;
  for (let e = 0; e < 43; e++) {
    for (const k of [0, 1, 3, 7, 15]) {
      const v = Math.floor(2 ** e * (1 + k / 16));
      const bucket = bucketOf(v);
      if (bucketStart(bucket) > v || bucketStart(bucket + 1) <= v) t.fail(`${v} in bucket ${bucket}`);
      if (bucket < before) t.fail(`${v} went back`);
      before = bucket;
    }
  }
});

t.test('percentiles lie within 6.25 % of the truth', async (t) => {
  const h = new Histogram();
  const values: number[] = [];
  let x = 1;
  for (let i = 0; i < 20_000; i++) {
    x = (x * 48271) % 2147483647;
    const v = Math.floor(Math.exp((x / 2147483647) * 20));
    values.push(v);
    h.add(v);
  }
  values.sort((a, b) => a - b);
  for (const p of [0.01, 0.5, 0.9, 0.99, 0.999, 1]) {
    const truth = values[Math.max(0, Math.ceil(p * values.length) - 1)] as number;
    const off = Math.abs(h.percentile(p) - truth) / truth;
    t.ok(off <= 0.0625, `p${p * 100}: ${h.percentile(p)} for ${truth}`);
  }
  t.equal(h.percentile(1), values[values.length - 1]);
  t.equal(h.count, 20_000);
  t.equal(new Histogram().percentile(0.5), 0);
});
