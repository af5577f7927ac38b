// SPDX-License-Identifier: MIT
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { REPORT_NAMES, renderReport } from '../../../profiler/report/index.js';
import { duration } from '../../../profiler/show/index.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { SyntheticTrace } from '../fixtures/synthetic-trace.js';

const profile = profileFromTrace(networkTrace({ packets: 100, loss: true }).trace());

t.test('text', async (t) => {
  const text = renderReport(profile);
  t.matchSnapshot(text, 'the summary');
  const widest = Math.max(...text.split('\n').map((l) => l.length));
  t.ok(widest <= 100, `${widest} columns`);
  t.notMatch(text, '\u001b', 'no colours unless asked for');
  t.match(renderReport(profile, { color: true }), '\u001b[1m');
  for (const by of REPORT_NAMES) t.ok(renderReport(profile, { by, function: 'e1000e_poll' }).length > 0, by);
  t.matchSnapshot(renderReport(profile, { by: 'callers', function: 'e1000_alloc_rx_buffers' }), 'callers');
});

t.test('json', async (t) => {
  const all = JSON.parse(renderReport(profile, { by: REPORT_NAMES, json: true })) as Record<string, unknown>;
  t.strictSame(Object.keys(all), ['overview', ...REPORT_NAMES]);
  const api = all['api'] as { name: string; calls: number; p50: number }[];
  t.match(api[0], { name: 'napi_gro_receive' });
  const one = JSON.parse(renderReport(profile, { by: 'api', json: true, top: 1 })) as { api: unknown[] };
  t.equal(one.api.length, 1);
});

t.test('an empty recording', async (t) => {
  const s = new SyntheticTrace();
  s.complete = false;
  const text = renderReport(profileFromTrace(s.trace()));
  t.match(text, '0 events produced = 0 recorded + 0 lost');
  t.match(text, 'incomplete recording');
});

t.test('durations', async (t) => {
  t.strictSame([0, 999, 1000, 12_345, 123_456, 9_999_999, 2.5e9].map(duration), [
    '0 ns',
    '999 ns',
    '1.00 us',
    '12.3 us',
    '123 us',
    '10.00 ms',
    '2.50 s',
  ]);
});

t.test("what was not recorded for a debugger's breakpoint is said", async (t) => {
  for (const [places, text] of [
    [0, undefined],
    [1, "1 trace point skipped: a debugger's breakpoint is set there"],
    [3, "3 trace points skipped: a debugger's breakpoint is set there"],
  ] as const) {
    const trace = new SyntheticTrace();
    trace.skippedSites = places;
    const report = renderReport(profileFromTrace(trace.trace()));
    if (text === undefined) t.notMatch(report, 'not recorded');
    else t.match(report, text);
  }
});
