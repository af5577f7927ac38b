// SPDX-License-Identifier: MIT
import t from 'tap';
import { Counter } from '../../../profiler/model/index.js';
import { series } from '../../../profiler/show/index.js';

t.test('a value over time keeps its peaks and troughs, however many changes there are', async (t) => {
  const n = 500_000;
  for (const peak of [1, 77_777, 123_456, 300_001, n - 2]) {
    const counter = new Counter('x', 'bytes');
    for (let i = 0; i < n; i++) counter.set(i, i === peak ? 9999 : i === peak + 1000 ? 1 : 500 + (i % 7));
    t.ok(counter.time.length <= 1 << 16, `${counter.time.length} points`);
    const at = counter.value.indexOf(9999);
    t.equal(counter.time[at], peak, `the peak at ${peak}`);
    if (peak + 1000 < n) t.equal(counter.time[counter.value.indexOf(1)], peak + 1000, 'the trough');
    t.equal(counter.time.at(-1), n - 1, 'and the last value');
    t.ok(
      counter.time.every((time, i) => i === 0 || time > (counter.time[i - 1] as number)),
      'in order of time',
    );
    const drawn = series(counter, n, 200);
    t.equal(drawn[Math.floor((peak * 200) / n)], 9999, 'it is drawn where it was');
  }
});
