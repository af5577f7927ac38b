// SPDX-License-Identifier: MIT
// Real recordings (several drivers, both case studies, a recording that was killed, one with all events) in every format: the real
// readers accept each file, and the times in it are the model's.

import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadProfile } from '../../profiler/topics/load-profile.js';
import { exporterNames, findExporter } from '../../profiler/export/index.js';
import { serveProfiles } from '../../profiler/open/index.js';
import { ends, run } from '../fixtures/e2e.js';
import { CHROMIUM, SpeedscopePage } from '../profiler/fixtures/chromium.js';
import { DevToolsPage } from '../profiler/fixtures/devtools.js';
import { bytesOf, READERS } from '../profiler/fixtures/formats.js';
import { noTshark, tshark } from '../profiler/fixtures/packets.js';
import { readSpeedscope } from '../profiler/fixtures/speedscope-reader.js';
import { lockStats } from '../../profiler/topics/locks/stats.js';
import { memoryStats } from '../../profiler/topics/memory/stats.js';
import { packetStats } from '../../profiler/topics/packets/stats.js';
import { pathStats } from '../../profiler/topics/interrupt-path/stats.js';
import { registerStats } from '../../profiler/topics/registers/stats.js';
import { timerStats } from '../../profiler/topics/timers/stats.js';

t.setTimeout(900_000);

const PING = ['--', 'ping', '--count', '10'];
const CORPUS: Readonly<Record<string, readonly string[]>> = {
  e1000e: ['e1000e', ...PING],
  'e1000e with all events': ['e1000e', '--events', 'all', '--functions', '*', ...PING],
  '8139cp': ['8139cp', ...PING],
  nvme: ['nvme', '--', 'block'],
  'lost softirq': ['e1000e', '--cmdline', 'dde.case=lost-softirq', '--', 'tcp', '--bytes', '20K'],
  'linear v2p': ['e1000e', '--cmdline', 'dde.case=linear-v2p', ...PING],
};
const ANNOTATE = '/usr/bin/callgrind_annotate';

/** Below this an export is read by the front ends, too: they are made for people, not for millions of events. */
const SMALL = 8 << 20;

t.test('every format of every recording', async (t) => {
  const dir = t.testdir({ devtools: {}, speedscope: {}, files: {} });
  const pages =
    CHROMIUM === undefined
      ? undefined
      : {
          devtools: await DevToolsPage.start(join(dir, 'devtools')),
          speedscope: await SpeedscopePage.start(join(dir, 'speedscope')),
        };
  t.teardown(() => Promise.all([pages?.devtools.close(), pages?.speedscope.close()]));
  if (pages !== undefined) {
    const server = await serveProfiles([{ source: Buffer.from('a 1\n'), title: '' }]);
    t.teardown(() => server.close());
    await pages.speedscope.empty(server.url);
  }

  const recordings: [string, string][] = [];
  for (const [name, args] of Object.entries(CORPUS)) {
    const file = join(dir, 'files', `${name}.ddet`);
    ends(t, await run(['record', args[0] as string, '-o', file, '--packets', '--no-findings', ...args.slice(1)]));
    recordings.push([name, file]);
  }
  const cut = join(dir, 'files', 'cut.ddet');
  const whole = readFileSync(join(dir, 'files', 'e1000e with all events.ddet'));
  writeFileSync(cut, whole);
  truncateSync(cut, Math.floor(whole.length * 0.95));
  recordings.push(['cut off', cut]);

  for (const [name, file] of recordings) {
    await t.test(name, async (t) => {
      const profile = loadProfile(file, { packets: true, callArguments: true, title: `corpus ${name} end` });
      t.ok(profile.accounting.recorded > 500, `${profile.accounting.recorded} events`);
      if (name === 'e1000e') {
        const mmio = profile.topics.get(registerStats);
        const paths = profile.topics.get(pathStats);
        const timers = profile.topics.get(timerStats);
        const locks = profile.topics.get(lockStats);
        const allocations = profile.topics.get(memoryStats);
        t.ok(
          mmio.some((m) => m.name === 'E1000_STATUS') && mmio.some((m) => m.name === 'E1000_TDT(0)'),
          'registers have names',
        );
        t.ok(
          paths.some((p) => p.whole.count >= 10),
          'interrupts are followed to their polls',
        );
        t.ok(
          timers.some((x) => x.name === 'e1000_watchdog' && x.expired > 0),
          'timers',
        );
        t.ok(
          locks.some((l) => l.function.startsWith('e1000') && l.taken > 0),
          'locks',
        );
        t.match(allocations, { from: 'calls' });
        t.ok(
          allocations.sites.some((x) => x.function === 'e1000e_open' && x.bytes > 0),
          'allocations',
        );
      }
      for (const format of exporterNames()) {
        const bytes = bytesOf(profile, format);
        const path = join(dir, 'files', `x.${findExporter(format).extension}`);
        writeFileSync(path, bytes);
        const reader = READERS[format];
        if (reader !== undefined)
          t.strictSame(reader.read(bytes), reader.of(profile), `${format}: times as in the model`);
        switch (format) {
          case 'speedscope':
            readSpeedscope(bytes);
            if (pages !== undefined && bytes.length < SMALL)
              t.equal(await pages.speedscope.drop(bytes, `corpus ${name} end`), undefined, 'speedscope shows it');
            break;
          case 'chrome':
          case 'cpuprofile':
            if (pages !== undefined && bytes.length < SMALL)
              t.ok((await pages.devtools.load(bytes)).calls > 0, `DevTools loads the ${format}`);
            break;
          case 'callgrind':
            t.match(execFileSync(ANNOTATE, [path], { encoding: 'utf8', maxBuffer: 1 << 28 }), 'PROGRAM TOTALS');
            break;
          case 'pcapng':
            if (noTshark === false)
              t.equal(
                tshark(path, ['frame.number']).length,
                profile.topics.get(packetStats).list.filter((p) => !p.refused).length,
                'tshark reads every packet',
              );
            break;
        }
      }
    });
  }
});
