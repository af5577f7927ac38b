// SPDX-License-Identifier: MIT
// Drivers that are in order have no finding. DDE_LONG=1: ten minutes of each, in recordings of half a minute.
import t from 'tap';
import type { Finding } from '../../profiler/model/index.js';
import { cli } from '../fixtures/cli.js';
import { ends, run } from '../fixtures/e2e.js';

const long = process.env['DDE_LONG'] === '1';
const SECONDS = long ? 600 : 0;
const WORKLOADS = long
  ? 'ping --count 50 + tcp --duration 4 + udp --duration 3 + rebind --count 3 + ethtool-selftest + idle --duration 15'
  : 'ping --count 10 + tcp --duration 1 + rebind --count 2';

/** 8139cp has no self-test. */
const WITHOUT: Readonly<Record<string, RegExp>> = { '8139cp': /\+ ethtool-selftest / };

for (const driver of ['e1000e', 'e1000', '8139cp']) {
  t.test(`${driver}: nothing to find`, { timeout: (SECONDS + 300) * 1000 }, async (t) => {
    const file = `${t.testdir()}/clean.ddet`;
    const workloads = WORKLOADS.replace(WITHOUT[driver] ?? /$^/, '').split(' ');
    const start = performance.now();
    let recordings = 0;
    do {
      const end = await run(['record', driver, '-o', file, '--', ...workloads], { timeoutMs: 280_000 });
      ends(t, end);
      let { findings } = end.result as unknown as { findings: Finding[] | null };
      // A quick machine records more than `record` reads at once.
      if (findings === null)
        ({ findings } = (await cli(['report', file, '--findings', '--json'])).json<{ findings: Finding[] }>());
      if (!t.strictSame(findings, [], `recording ${++recordings}: no finding`)) break;
    } while (performance.now() - start < SECONDS * 1000);
    t.comment(`${recordings} recordings, ${((performance.now() - start) / 1000).toFixed(0)} s`);
  });
}

t.test('e1000e in the strict DMA mode: nothing to find', { timeout: 300_000 }, async (t) => {
  const file = `${t.testdir()}/strict.ddet`;
  const end = await run(['record', 'e1000e', '--dma', 'strict', '-o', file, '--', 'ping', '--count', '20'], {
    timeoutMs: 280_000,
  });
  ends(t, end);
  t.strictSame((end.result as unknown as { findings: Finding[] | null }).findings, [], 'no finding');
});
