// SPDX-License-Identifier: MIT
import t from 'tap';
import { listSamples, readSample } from '../../../../runtime/build/target/samples.js';

t.test('every sample of the repository is well-formed', async (t) => {
  const samples = listSamples();
  t.ok(samples.length >= 8);
  for (const sample of samples) {
    t.ok(sample.folder.endsWith(`/${sample.name}`), `${sample.name}: the folder has the name`);
    for (const symbol of sample.driver.kconfig) t.ok(sample.fragment.includes(`${symbol}=y`), symbol);
  }
  t.same(
    samples.filter((s) => !s.posted).map((s) => s.name),
    ['8139cp', 'e100'],
    'the models that race with posted writes',
  );
});

t.test('a bad sample is named with its file', async (t) => {
  const dir = t.testdir({ a: { 'sample.json': '{"name": 1}' }, b: { 'sample.json': '{' } });
  t.throws(() => readSample(`${dir}/a`), { code: 'ERR_DDE_BAD_SAMPLE', message: /sample\.json/ });
  t.throws(() => readSample(`${dir}/b`), { code: 'ERR_DDE_BAD_SAMPLE' });
  t.same(listSamples(`${dir}/none`), []);
});
