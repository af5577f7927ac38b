// SPDX-License-Identifier: MIT
// The real speedscope in a real browser: what we export is what it draws.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { findExporter, memorySink } from '../../../profiler/export/index.js';
import { type ServedProfile, serveProfiles } from '../../../profiler/open/index.js';
import { CHROMIUM, colours, SpeedscopePage } from '../fixtures/chromium.js';
import { fuzzedProfile } from '../fixtures/fuzz.js';
import { networkTrace } from '../fixtures/network-driver.js';

const options = {
  skip: CHROMIUM === undefined ? 'no chromium' : false,
  timeout: process.env['DDE_LONG'] === '1' ? 3600_000 : 300_000,
};
/** Formats of ours that speedscope reads, too. */
const FUZZED = Number(process.env['DDE_FUZZ'] ?? (process.env['DDE_LONG'] === '1' ? 10_000 : 60));
const FORMATS = ['collapsed', 'chrome', 'pprof', 'callgrind', 'cpuprofile'];

t.test('speedscope', options, async (t) => {
  const profile = profileFromTrace(networkTrace({ packets: 60 }).trace());
  const bytes = (format: string, p = profile): Buffer => {
    const sink = memorySink();
    findExporter(format).write(p, sink);
    return sink.files[0] ?? Buffer.alloc(0);
  };
  const dir = t.testdir({ browser: {}, files: {} });
  const served: ServedProfile[] = [{ source: bytes('speedscope'), title: 'e1000e ping' }];
  for (const format of FORMATS) {
    const file = join(dir, 'files', `x.${findExporter(format).extension}`);
    writeFileSync(file, bytes(format));
    served.push({ source: file, title: format });
  }
  const server = await serveProfiles(served);
  t.teardown(() => server.close());
  const page = await SpeedscopePage.start(join(dir, 'browser'));
  t.teardown(() => page.close());

  t.ok(await page.show(server.url), 'the profile is loaded');
  t.match(await page.text(), '(1/4)', 'with all threads and each of three');
  t.match(await page.title(), /e1000e ping/);
  await page.view('left heavy');
  t.ok(await page.draws('e1000e_poll'), 'e1000e_poll is in the flame graph');
  t.ok(await page.draws('softirq NET_RX'), 'and the softirq that it runs in');
  const png = await page.screenshot();
  t.ok(colours(png) > 50, 'the picture is not blank');
  const folder = process.env['DDE_SCREENSHOTS'];
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'speedscope.png'), png);
  }
  for (const name of ['e1000e_poll', 'dma_map_single_attrs', 'e1000_intr_msix_rx'])
    t.ok(await page.lists(name), `${name} is in the sandwich view`);

  for (const [i, format] of FORMATS.entries()) {
    t.ok(await page.show(server.urls[i + 1] ?? ''), `${format} is loaded`);
    t.ok(await page.lists('e1000e_poll'), `${format} shows e1000e_poll`);
  }
  await page.empty(server.url);
  let refused = 0;
  for (let seed = 1; seed <= FUZZED; seed++) {
    const said = await page.drop(bytes('speedscope', fuzzedProfile(seed)), `fuzz ${seed} `);
    if (said !== undefined && refused++ < 3) t.comment(`seed ${seed}: ${said}`);
  }
  t.equal(refused, 0, `${FUZZED} broken recordings`);
  t.match(
    await page.drop(Buffer.from('{"$schema":"https://www.speedscope.app/file-format-schema.json"}'), 'bad'),
    /./,
    'what is wrong is refused',
  );
  t.strictSame(page.foreign, [], 'nothing is asked of any other host');
});
