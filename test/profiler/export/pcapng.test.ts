// SPDX-License-Identifier: MIT
// The exported packets, read by tshark and capinfos.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { findExporter, memorySink } from '../../../profiler/export/index.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { noTshark, packetTrace, randomPackets, type Sent, tshark, udpFrame } from '../fixtures/packets.js';

const FUZZED = Number(process.env['DDE_FUZZ'] ?? (process.env['DDE_LONG'] === '1' ? 10_000 : 400));

function exported(packets: readonly Sent[]): { bytes: Buffer; records: number; notes: readonly string[] } {
  const profile = profileFromTrace(packetTrace(packets).trace(), { timeline: false, packets: true });
  const sink = memorySink();
  const { records, notes = [] } = findExporter('pcapng').write(profile, sink);
  return { bytes: Buffer.concat(sink.files), records, notes };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

t.test('read by tshark', { skip: noTshark }, async (t) => {
  const file = join(t.testdir(), 'x.pcapng');
  const payload = Buffer.alloc(601, 'payload');
  const frame = udpFrame(payload);
  const { bytes, records, notes } = exported([
    { bytes: frame, checksum: { start: 34, offset: 6 } },
    { bytes: frame, dir: 'rx', device: 'eth1', vlan: 0x8100_0123 },
    { bytes: frame, refused: true },
    { bytes: frame, lose: 480 },
    { bytes: frame, segment: 1448 },
  ]);
  writeFileSync(file, bytes);
  t.equal(records, 4);
  t.strictSame(notes, ['left out: 1 packets that the driver did not take']);
  const rows = tshark(file, [
    'frame.len',
    'frame.cap_len',
    'frame.interface_name',
    'frame.p2p_dir',
    'udp.checksum.status',
    'vlan.id',
    'udp.payload',
    'frame.time_epoch',
  ]);
  const [filled, tagged, cut, joined] = rows;
  t.strictSame(filled?.slice(0, 7), ['643', '643', 'eth0', '0', '1', '', hex(payload)], 'with a good checksum');
  t.strictSame(
    tagged?.slice(0, 6),
    ['647', '647', 'eth1', '1', '0', '291'],
    'with its VLAN tag; its bad checksum stays',
  );
  t.strictSame(cut?.slice(0, 3), ['643', '480', 'eth0'], 'cut where its bytes were lost');
  t.equal(joined?.[0], '643');
  t.match(filled?.[7], /^1700000000\.000001000$/, 'nanoseconds');
  const comments = tshark(file, ['frame.comment']).flat();
  t.match(
    comments[0],
    /^packet 0 at 0\.000001000 s, thread workload \(1000\), skb 0x60001000; in e1000e_poll; checksum offloaded to the card/,
  );
  t.match(comments[2], 'the rest was lost');
  t.match(comments[3], 'segments of 1448 bytes');
  const info = execFileSync('/usr/bin/capinfos', ['-M', file], { encoding: 'utf8' });
  t.match(info, /Number of packets: +4\n/);
  t.match(info, /Capture comment: +synthetic test\n/);
  t.match(info, /Capture oper-sys: +Linux 6\.1\.0\n/);
});

t.test('recordings without packets, or made of anything', { skip: noTshark }, async (t) => {
  const file = join(t.testdir(), 'x.pcapng');
  const sink = memorySink();
  const result = findExporter('pcapng').write(profileFromTrace(networkTrace({ packets: 5 }).trace()), sink);
  writeFileSync(file, Buffer.concat(sink.files));
  t.strictSame(tshark(file, ['frame.number']), []);
  t.match(result.notes?.[0], '--packets');
  let refused = 0;
  // Files one behind the other are one file of several sections: a hundred at a time, as each start of tshark takes long.
  for (let first = 1; first <= FUZZED; first += 100) {
    const files = Array.from({ length: Math.min(100, FUZZED - first + 1) }, (_, i) =>
      exported(randomPackets(first + i)),
    );
    writeFileSync(file, Buffer.concat(files.map((f) => f.bytes)));
    try {
      const expected = files.reduce((sum, f) => sum + f.records, 0);
      if (tshark(file, ['frame.number']).length !== expected) throw new Error('another number of packets');
    } catch (e) {
      refused++;
      t.comment(`seeds from ${first}: ${String(e)}`);
    }
  }
  t.equal(refused, 0, `${FUZZED} recordings`);
});
