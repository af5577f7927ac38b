// SPDX-License-Identifier: MIT
// Every format: read back, with the model's times, for a network driver and for broken recordings.

import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { exporterNames, findExporter, fileSink, memorySink, partPath } from '../../../profiler/export/index.js';
import { mergedTree } from '../../../profiler/model/index.js';
import { bytesOf, READERS } from '../fixtures/formats.js';
import { fuzzedProfile } from '../fixtures/fuzz.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { readPerfetto } from '../fixtures/readers.js';
import { checkFirefox, checkPerfetto } from '../fixtures/schemas.js';

const FUZZED = Number(process.env['DDE_FUZZ'] ?? (process.env['DDE_LONG'] === '1' ? 10_000 : 80));

for (const [format, { read, of, merged }] of Object.entries(READERS)) {
  t.test(format, async (t) => {
    for (const loss of [false, true]) {
      const profile = profileFromTrace(networkTrace({ packets: 150, loss }).trace());
      t.strictSame(
        read(bytesOf(profile, format)),
        of(profile),
        `times as in the model${loss ? ', with lost events' : ''}`,
      );
    }
    let refused = 0;
    for (let seed = 1; seed <= FUZZED; seed++) {
      const profile = fuzzedProfile(seed);
      try {
        const times = read(bytesOf(profile, format));
        if (merged !== true && JSON.stringify(times) !== JSON.stringify(of(profile))) throw new Error('other times');
      } catch (e) {
        if (refused++ < 3) t.comment(`seed ${seed}: ${String(e)}`);
      }
    }
    t.equal(refused, 0, `${FUZZED} broken recordings`);
  });
}

t.test('perfetto holds tracks, instants, counters and flows', async (t) => {
  const profile = profileFromTrace(networkTrace({ packets: 50 }).trace());
  const content = readPerfetto(bytesOf(profile, 'perfetto'));
  t.equal(content.instants, profile.instants.length);
  t.equal(content.flows, profile.flows.list.length);
  t.equal(
    content.counters,
    profile.counters.reduce((sum, c) => sum + c.time.length, 0),
  );
  for (const name of ['workload', 'kworker/0:1', 'DMA mappings'])
    t.ok([...content.tracks.values()].includes(name), name);
});

const ANNOTATE = '/usr/bin/callgrind_annotate';
t.test('callgrind_annotate', { skip: existsSync(ANNOTATE) ? false : 'no callgrind_annotate' }, async (t) => {
  const profile = profileFromTrace(networkTrace({ packets: 150 }).trace());
  const file = join(t.testdir(), 'x.callgrind.out');
  writeFileSync(file, bytesOf(profile, 'callgrind'));
  const own = execFileSync(ANNOTATE, ['--threshold=100', file], { encoding: 'utf8' });
  const tree = mergedTree(profile);
  let sum = 0;
  for (let n = 1; n < tree.size; n++) sum += tree.self[n] as number;
  t.match(own, new RegExp(`${sum.toLocaleString('en-US')} (\\(100.0%\\))?\\s+PROGRAM TOTALS`));
  const inclusive = execFileSync(ANNOTATE, ['--inclusive=yes', '--threshold=100', file], { encoding: 'utf8' });
  for (const name of ['e1000e_poll', 'e1000_clean_rx_irq', 'dma_map_single_attrs']) {
    const id = profile.frames.list.find((f) => f.name === name)?.id ?? -1;
    const line = inclusive.split('\n').find((l) => l.includes(`:${name} `) || l.trimEnd().endsWith(`:${name}`));
    t.match(line, (profile.stats.total[id] as number).toLocaleString('en-US'), name);
  }
});

t.test('the readers refuse what the schemas do not allow', async (t) => {
  const profile = profileFromTrace(networkTrace({ packets: 5 }).trace());
  const perfetto = bytesOf(profile, 'perfetto');
  checkPerfetto(perfetto);
  t.throws(() => checkPerfetto(Buffer.concat([perfetto, Buffer.from([0x18, 1])])), /no field 3/);
  t.throws(() => checkPerfetto(Buffer.from([10, 2, 0x40])), /longer than its message/);
  t.throws(() => checkPerfetto(Buffer.from([10, 4, 0x40, 1, 0x40, 2])), /a second timestamp/);
  t.throws(() => checkPerfetto(Buffer.from([10, 2, 0x5a, 2, 0x48, 9])), /longer|enum 9/);
  t.throws(() => checkPerfetto(Buffer.from([10, 4, 0x5a, 2, 0x48, 9])), /enum 9/);
  const firefox = (): Record<string, Record<string, Record<string, unknown>>> =>
    JSON.parse(bytesOf(profile, 'firefox').toString('utf8'));
  checkFirefox(firefox());
  const column = firefox();
  delete column['shared']?.['frameTable']?.['line'];
  t.throws(() => checkFirefox(column), /frameTable\.line/);
  const index = firefox();
  (index['shared']?.['stackTable']?.['frame'] as number[])[0] = 1e6;
  t.throws(() => checkFirefox(index), /index 1000000/);
});

t.test('the registry', async (t) => {
  t.strictSame(exporterNames(), [
    'speedscope',
    'collapsed',
    'chrome',
    'perfetto',
    'pprof',
    'callgrind',
    'cpuprofile',
    'firefox',
    'pcapng',
  ]);
  t.throws(() => findExporter('svg'), { code: 'ERR_DDE_EXPORT_FORMAT', message: /'svg'.*speedscope/ });
  const lean = profileFromTrace(networkTrace({ packets: 3 }).trace(), { timeline: false });
  for (const name of exporterNames()) {
    const exporter = findExporter(name);
    if (exporter.needsTimeline)
      t.throws(() => exporter.write(lean, memorySink()), { code: 'ERR_DDE_EXPORT_NO_TIMELINE' }, name);
    else t.equal(exporter.write(lean, memorySink()).records > 0, exporter.needsPackets !== true, name);
  }
  t.equal(partPath('a/x.speedscope.json', 'speedscope.json', { index: 2, count: 12 }), 'a/x.02of12.speedscope.json');
  t.equal(partPath('a/x', 'speedscope.json', { index: 1, count: 2 }), 'a/x.1of2');
  const dir = t.testdir();
  const sink = fileSink(join(dir, 'x.speedscope.json'), 'speedscope.json');
  findExporter('speedscope').write(profileFromTrace(networkTrace({ packets: 300 }).trace()), sink, {
    maxEvents: 10_000,
  });
  sink.commit();
  t.ok(sink.paths.length > 1 && sink.paths.every((p) => existsSync(p)));
});
