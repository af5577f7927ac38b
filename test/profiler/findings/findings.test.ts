// SPDX-License-Identifier: MIT
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { findings, renderFindings } from '../../../profiler/findings/index.js';
import { type Bugs, networkTrace } from '../fixtures/network-driver.js';

const EXPECTED: Record<keyof Bugs, { kind: string; place: string }> = {
  lostReraise: { kind: 'napi-stalled', place: 'e1000e_poll' },
  notCompleted: { kind: 'napi-not-completed', place: 'e1000e_poll' },
  linearVirtToPhys: { kind: 'virt-to-phys-growth', place: 'e1000_alloc_rx_buffers' },
  unmapTwice: { kind: 'dma-double-unmap', place: 'e1000_clean_rx_irq' },
  unmapNever: { kind: 'dma-leak', place: 'e1000_alloc_rx_buffers' },
  unmapUnknown: { kind: 'dma-unmap-without-map', place: 'e1000_clean_rx_irq' },
  wrongSize: { kind: 'dma-wrong-size', place: 'e1000_clean_rx_irq' },
  wrongDirection: { kind: 'dma-wrong-direction', place: 'e1000_clean_rx_irq' },
  maskedIrq: { kind: 'irq-left-masked', place: '24' },
  stormIrq: { kind: 'irq-storm', place: '24' },
  unclaimedIrq: { kind: 'irq-unclaimed', place: 'e1000_intr_msix_rx' },
  busyWait: { kind: 'busy-wait', place: 'e1000_open' },
};

t.test('a driver without bugs: no finding', async (t) => {
  for (const packets of [1, 10, 300, 2000]) {
    t.strictSame(findings(profileFromTrace(networkTrace({ packets }).trace())), [], `${packets} packets`);
  }
  t.strictSame(findings(profileFromTrace(networkTrace({ packets: 300, loss: true }).trace())), [], 'with lost events');
  const preempted = networkTrace({ packets: 300, preempted: true });
  t.strictSame(findings(profileFromTrace(preempted.trace())), [], 'preempted by the host');
  t.equal(renderFindings([]), 'No findings.\n');
});

t.test('the linear list is found though the host preempts one of the look-ups', async (t) => {
  const driver = networkTrace({ packets: 300, bugs: { linearVirtToPhys: true }, preempted: true });
  const found = findings(profileFromTrace(driver.trace()));
  t.strictSame(
    found.map(({ kind }) => kind),
    ['virt-to-phys-growth'],
  );
});

for (const [bug, { kind, place }] of Object.entries(EXPECTED)) {
  t.test(`${bug} is found`, async (t) => {
    const profile = profileFromTrace(networkTrace({ packets: 300, bugs: { [bug]: true } }).trace());
    const found = findings(profile);
    t.strictSame([...new Set(found.map((f) => f.kind))], [kind], 'this kind, and no other');
    const text = renderFindings(found);
    t.ok(found[0]?.hint, 'has a hint');
    t.ok((found[0]?.evidence.length ?? 0) > 0, 'has evidence');
    t.match(text, place, 'names the place');
    const json = JSON.parse(renderFindings(found, { json: true })) as { findings: unknown[] };
    t.equal(json.findings.length, found.length);
  });
}
