// SPDX-License-Identifier: MIT
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { SyntheticTrace } from '../fixtures/synthetic-trace.js';
import { dmaStats } from '../../../profiler/topics/dma/stats.js';
import { irqStats } from '../../../profiler/topics/irq/stats.js';
import { napiStats } from '../../../profiler/topics/napi/stats.js';
import { softirqStats } from '../../../profiler/topics/softirq/stats.js';
import { virtToPhysStats } from '../../../profiler/topics/virt-to-phys/stats.js';

t.test('the aggregates count what the driver did', async (t) => {
  const p = profileFromTrace(networkTrace({ packets: 200 }).trace());
  const dma = p.topics.get(dmaStats);
  const irqs = p.topics.get(irqStats);
  const napi = p.topics.get(napiStats);
  const softirqs = p.topics.get(softirqStats);
  const virtToPhys = p.topics.get(virtToPhysStats);
  t.match(irqs, [{ irq: 24, name: 'e1000_intr_msix_rx', count: 200, handled: 200, unhandled: 0 }]);
  t.equal(irqs[0]?.duration.percentile(0.5), 250);
  t.match(softirqs[0], { name: 'NET_RX', pending: false });
  t.match(napi[0], { name: 'e1000e_poll', budget: 64, budgetExhausted: 2 });
  t.equal(
    napi[0]?.work,
    dma.directions['to-device'].maps + dma.directions['from-device'].maps - 64 - dma.directions['to-device'].maps,
  );
  t.equal(dma.directions['from-device'].live, 0);
  t.match(dma.coherent, { maps: 1, unmaps: 1, bytes: 4096 });
  t.equal(dma.faultCount, 0);
  t.equal(virtToPhys.calls, dma.directions['to-device'].maps + dma.directions['from-device'].maps);
  t.strictSame([...virtToPhys.callers.keys()].sort(), ['e1000_alloc_rx_buffers', 'e1000_xmit_frame']);
  t.equal(p.accounting.lost, 0);
  t.match(
    p.threads.map((x) => [x.name, x.role]),
    [
      ['swapper', 'idle'],
      ['workload', 'workload'],
      ['kworker/0:1', 'work'],
      ['ksoftirqd/0', 'softirq'],
    ],
  );
  t.ok(p.flows.list.some((f) => f.kind === 'raise to softirq'));
  t.ok(p.flows.list.some((f) => f.kind === 'schedule to poll'));
  const names = p.instants.types.map((x) => x.name);
  t.ok(names.includes('dma_map'));
  t.equal(p.counters.find((c) => c.name === 'DMA mappings')?.last, 0);
});

t.test('a report-only profile keeps no events and has the same sums', async (t) => {
  const full = profileFromTrace(networkTrace({ packets: 50 }).trace());
  const lean = profileFromTrace(networkTrace({ packets: 50 }).trace(), { timeline: false });
  t.equal(lean.hasTimeline, false);
  t.equal(lean.instants.length, 0);
  t.ok(lean.threads.every((x) => x.timeline.length === 0));
  t.strictSame(lean.stats, full.stats);
});

t.test('lost events: a gap, exact numbers, and no false nesting', async (t) => {
  const p = profileFromTrace(networkTrace({ packets: 60, loss: true }).trace());
  t.equal(p.accounting.produced, p.accounting.recorded + p.accounting.lost);
  t.equal(p.accounting.lost, 1234);
  t.equal(p.gaps.length, 1);
  t.equal(p.gaps[0]?.lost, 1234);
});

t.test('without sched_switch the hand-over is seen from who emits', async (t) => {
  const s = new SyntheticTrace();
  const [a, b] = [s.thread('a'), s.thread('b')];
  const f = s.site('f', 'driver');
  s.use(a);
  s.enter(f);
  s.now = 100;
  s.event('napi_schedule', { napi: 1 });
  s.use(b);
  s.now = 150;
  s.call(f, 50);
  s.use(a);
  s.now = 300;
  s.leave();
  const p = profileFromTrace(s.trace());
  t.equal(p.threads[0]?.onCpu, 200);
  t.equal(p.threads[0]?.blocked, 100);
  t.equal(p.threads[1]?.onCpu, 100);
});

t.test('texts of events', async (t) => {
  const s = new SyntheticTrace();
  s.use(s.thread('a'));
  s.event('mark', { kind: 2, text: 'ping started' });
  const p = profileFromTrace(s.trace());
  t.strictSame(p.instants.argsOf(0), { kind: 'workload', text: 'ping started' });
});
