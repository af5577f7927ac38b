// SPDX-License-Identifier: MIT
// The recorded packets of a run are exactly those that QEMU captured on the other side of the card.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { cli } from '../fixtures/cli.js';
import { ends, run } from '../fixtures/e2e.js';
import { noTshark, TSHARK, tshark } from '../profiler/fixtures/packets.js';

/** Every packet in hex. Short ones are padded: that is the task of some drivers (e1000) and of the card of others (e1000e). */
function packets(file: string): string[] {
  const text = execFileSync(TSHARK, ['-r', file, '-T', 'jsonraw', '-J', 'frame'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  });
  const list = JSON.parse(text) as { _source: { layers: { frame_raw: [string] } } }[];
  return list.map((p) => p._source.layers.frame_raw[0].padEnd(120, '0'));
}

for (const driver of ['e1000e', 'e1000', '8139cp']) {
  t.test(driver, { skip: noTshark }, async (t) => {
    const dir = t.testdir();
    const [trace, theirs, ours] = [join(dir, 'x.ddet'), join(dir, 'qemu.pcap'), join(dir, 'x.pcapng')];
    const end = await run([
      'record',
      driver,
      '-o',
      trace,
      '--packets',
      '--pcap',
      theirs,
      '--',
      'ping',
      '--count',
      '20',
    ]);
    ends(t, end);
    t.equal(end.result.trace?.lost, 0);
    ends(t, await cli(['export', trace, '--format', 'pcapng', '-o', ours]));
    const expected = packets(theirs);
    t.ok(expected.length >= 42, `QEMU captured ${expected.length} packets`);
    t.strictSame(packets(ours), expected);
    t.equal(
      tshark(ours, ['icmp.checksum.status']).filter(([s]) => s === '1').length,
      40,
      'checksums of 20 pings and their answers',
    );
  });
}
