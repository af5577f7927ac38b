// SPDX-License-Identifier: MIT
// The API for scripts: what handlers get is what the decoder gives, in order.

import t from 'tap';
import { openRecording, Recording } from '../../../tracer/decode/index.js';
import type { TraceEvent } from '../../../tracer/decode/types.js';
import { networkTrace } from '../../profiler/fixtures/network-driver.js';
import { makeTrace } from '../support/make-trace.js';

t.test('every event comes once, in the order of time, with its arguments', async (t) => {
  const recording = openRecording(await makeTrace(t.testdir()));
  t.teardown(() => recording.close());
  const seen: unknown[] = [];
  const names = [...recording.trace.eventById.values()].map(({ name }) => name);
  const put =
    (kind: string) =>
    (rows: {
      name: string;
      count: number;
      ts(k: number): number;
      args(k: number): object;
      thread: { tid: number };
    }) => {
      for (let k = 0; k < rows.count; k++) seen.push([kind, rows.name, rows.ts(k), rows.thread.tid]);
    };
  recording.forEach({
    ...Object.fromEntries(names.map((name) => [name, put('event')])),
    'entry:*': put('entry'),
    'exit:*': put('exit'),
  });
  const all: TraceEvent[] = [...recording.events()];
  t.ok(all.length > 1000);
  t.strictSame(
    seen,
    all.map(({ kind, name, ts, thread }) => [kind, name, ts, thread.tid]),
  );
});

t.test('arguments by name, alone and together', async (t) => {
  const recording = new Recording(networkTrace({ packets: 40 }).trace());
  const sums = { size: 0, runs: 0, calls: 0 };
  recording.forEach({
    'dma:dma_map': (rows) => {
      for (let k = 0; k < rows.count; k++) {
        sums.size += rows.arg('size', k);
        t.equal(rows.args(k).dir, rows.arg('dir', k));
        t.match(rows.arg('dir', k), /^(TO|FROM)_DEVICE$/);
      }
    },
    'irq:softirq_entry': (rows) => {
      for (let k = 0; k < rows.count; k++) if (rows.arg('vec', k) === 'NET_RX') sums.runs++;
    },
    'entry:napi_gro_receive': (rows) => {
      sums.calls += rows.count;
    },
    'entry:*': (rows) => t.not(rows.name, 'napi_gro_receive', 'has a handler of its own'),
  });
  t.ok(sums.size > 0 && sums.runs > 0);
  t.ok(sums.calls > 0);
});

t.test('names that are not there', async (t) => {
  const recording = new Recording(networkTrace({ packets: 5 }).trace());
  t.throws(() => recording.forEach({ 'dma:nope': () => {} }), /no event "dma:nope"/);
  t.throws(
    () => recording.forEach({ 'dma:dma_map': (rows) => void rows.arg('nope' as 'size', 0) }),
    /dma:dma_map has no argument "nope" \(it has: id, dma/,
  );
  t.throws(() => openRecording('/dev/null'), { name: 'TraceError' });
});
