// SPDX-License-Identifier: MIT
import t from 'tap';
import { profileFromTrace } from '../../../../profiler/topics/load.js';
import { renderReport } from '../../../../profiler/report/index.js';
import type { TraceSite } from '../../../../tracer/decode/types.js';
import { SyntheticTrace } from '../../fixtures/synthetic-trace.js';
import { argumentStats } from '../../../../profiler/topics/arguments/stats.js';

function made(calls: number): SyntheticTrace {
  const trace = new SyntheticTrace();
  trace.metadata = { siteEnums: { 'enum dir': { '1': 'TO', '2': 'FROM' } } };
  trace.use(trace.thread('worker', 'kthread'));
  const map = trace.site('map', 'api');
  const INT = { type: 'int', format: 'dec', bits: 32, signed: true } as const;
  trace.sites[map] = {
    ...(trace.sites[map] as TraceSite),
    args: [
      { name: 'dev', type: 'void *', format: 'hex', bits: 32, word: 0 },
      { name: 'dir', type: 'enum dir', format: 'enum', bits: 32, enum: 'enum dir', word: 1 },
      { name: 'stack', ...INT },
    ],
    returns: { name: 'ret', ...INT },
  };
  const other = trace.site('other', 'api');
  for (let i = 0; i < calls; i++) {
    trace.enter(map, 0x1000 + i, i === 0 ? [] : [i % 4 === 0 ? 1 : 2]);
    trace.now += 5;
    trace.call(other, 3);
    trace.leave(i % 3 === 0 ? 0xfffffff4 : 0);
  }
  return trace;
}

t.test('values of arguments and results, the most frequent first', async (t) => {
  const profile = profileFromTrace(made(12).trace(), { valuesOf: 'map' });
  const [dev, dir, returned] = profile.topics.get(argumentStats);
  t.equal(profile.topics.get(argumentStats).length, 3, 'an argument that is not recorded has no values');
  t.match(dev, { function: 'map', argument: 'dev', calls: 12, distinct: 12, others: 0 });
  t.strictSame(dir?.values, [
    { value: 'FROM', calls: 9 },
    { value: 'TO', calls: 2 },
  ]);
  t.equal(dir?.calls, 11, 'one call recorded its first argument only');
  t.strictSame(returned?.values, [
    { value: 0, calls: 8 },
    { value: -12, calls: 4 },
  ]);
  const text = renderReport(profile, { by: 'arguments', function: 'map' });
  t.match(text, /Arguments and results of map/);
  t.match(text, /dir +enum dir +FROM +9 +81\.8 %/);
  t.match(text, /6 other values +6 +50\.0 %/);
  t.match(text, /returned +int +0 +8 +66\.7 %\n +-12 +4 +33\.3 %/);
  t.match(JSON.parse(renderReport(profile, { by: 'arguments', json: true })), {
    arguments: [{ argument: 'dev' }, {}, {}],
  });
});

t.test('more values than are counted one by one', async (t) => {
  const callValues = profileFromTrace(made(5000).trace(), { valuesOf: 'map' }).topics.get(argumentStats);
  t.match(callValues[0], { calls: 5000, distinct: 4096, others: 904 });
  t.match(
    renderReport(profileFromTrace(made(5000).trace(), { valuesOf: 'map' }), { by: 'arguments', function: 'map' }),
    /4,090 or more other values +4,994/,
  );
});

t.test('a function that is not there, or nobody asked', async (t) => {
  t.strictSame(profileFromTrace(made(2).trace(), { valuesOf: 'none' }).topics.get(argumentStats), []);
  t.strictSame(profileFromTrace(made(2).trace()).topics.get(argumentStats), []);
  t.match(renderReport(profileFromTrace(made(2).trace()), { by: 'arguments', function: 'x' }), /no matching rows/);
});
