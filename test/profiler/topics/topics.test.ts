// SPDX-License-Identifier: MIT
// Locks, allocations, timers, the way of an interrupt, registers and DMA over time: small recordings whose numbers are known.
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { findings } from '../../../profiler/findings/index.js';
import { neededBy, REPORT_NAMES, renderReport } from '../../../profiler/report/index.js';
import { SyntheticTrace } from '../fixtures/synthetic-trace.js';
import { lockStats } from '../../../profiler/topics/locks/stats.js';
import { memoryStats } from '../../../profiler/topics/memory/stats.js';
import { pathStats } from '../../../profiler/topics/interrupt-path/stats.js';
import { registerStats } from '../../../profiler/topics/registers/stats.js';
import { timerStats } from '../../../profiler/topics/timers/stats.js';

function start(): SyntheticTrace {
  const s = new SyntheticTrace();
  s.use(s.thread('workload', 'workload'));
  return s;
}

/** A call that returns a value. */
function call(s: SyntheticTrace, name: string, arg: number, ns: number, result = 0): void {
  s.enter(s.site(name, 'api'), arg);
  s.now += ns;
  s.leave(result);
}

t.test('locks: waited for, held, refused', async (t) => {
  const s = start();
  s.enter(s.site('e1000_probe', 'driver'));
  call(s, 'mutex_lock', 0x1000, 300);
  s.now += 5000;
  call(s, 'mutex_unlock', 0x1000, 10);
  call(s, 'mutex_trylock', 0x1000, 20, 0);
  call(s, 'mutex_lock_interruptible', 0x1000, 30, -4);
  call(s, 'down_write', 0x2000, 50);
  s.event('contention_begin', { lock: 0x2000 });
  s.now += 700;
  s.event('contention_end', { lock: 0x2000 });
  call(s, 'up_write', 0x2000, 50);
  call(s, 'rtnl_lock', 7, 40);
  s.now += 60;
  call(s, 'rtnl_unlock', 9, 10);
  s.leave();
  const profile = profileFromTrace(s.trace());
  const [first, second, rtnl] = profile.topics.get(lockStats);
  t.match(first, { address: 0x1000, function: 'e1000_probe', taken: 1, refused: 2 });
  t.equal(first?.waitTime.max, 300);
  t.equal(first?.holdTime.sum, 5000);
  t.match(second, { address: 0x2000, taken: 1, contended: 1 });
  t.equal(second?.contention.sum, 700);
  t.match(rtnl, { address: 0, taken: 1 });
  t.equal(rtnl?.holdTime.sum, 60, 'whatever stands in its argument');
  t.match(renderReport(profile, { by: 'locks' }), /e1000_probe +0x1000 +1 +2 +0 .*5\.00 us/);
});

t.test('spinlocks, where they are functions', async (t) => {
  const s = start();
  s.enter(s.site('e1000_intr', 'driver'));
  call(s, '_raw_spin_lock_irqsave', 0x3000, 20, 1);
  s.now += 900;
  call(s, '_raw_write_lock_bh', 0x4000, 20);
  s.now += 100;
  call(s, '_raw_spin_unlock_irqrestore', 0x3000, 20);
  call(s, '_raw_write_unlock_bh', 0x4000, 20);
  call(s, '_raw_spin_trylock', 0x3000, 20, 0);
  s.leave();
  const [spin, write] = profileFromTrace(s.trace()).topics.get(lockStats);
  t.match(spin, { address: 0x3000, function: 'e1000_intr', taken: 1, refused: 1 });
  t.equal(spin?.holdTime.sum, 1020);
  t.match(write, { address: 0x4000, taken: 1, refused: 0 });
  t.equal(write?.holdTime.sum, 120);
});

t.test('locks that several hold: readers, semaphores, an owner that lost its end', async (t) => {
  const s = new SyntheticTrace();
  const [one, two] = [s.thread('one'), s.thread('two')];
  const on = (thread: number, name: string, lock: number, ns = 0): void => {
    s.switchTo(thread);
    call(s, name, lock, ns);
  };
  s.use(one);
  s.site('down_read', 'api');
  on(one, 'down_read', 0x1000);
  s.now += 1000;
  on(two, 'down_read', 0x1000);
  s.now += 5000;
  on(one, 'up_read', 0x1000);
  s.now += 2000;
  on(two, 'up_read', 0x1000);
  on(one, 'down', 0x2000);
  s.now += 3000;
  on(one, 'down', 0x2000);
  s.now += 500;
  on(two, 'up', 0x2000);
  s.now += 100;
  on(two, 'up', 0x2000);
  on(one, 'mutex_lock', 0x3000);
  s.now += 900_000;
  on(two, 'mutex_lock', 0x3000);
  s.now += 70;
  on(two, 'mutex_unlock', 0x3000);
  for (const thread of [one, two]) {
    s.switchTo(thread);
    s.event('contention_begin', { lock: 0x4000 });
    s.now += 1000;
  }
  for (const thread of [one, two]) {
    s.switchTo(thread);
    s.now += 10;
    s.event('contention_end', { lock: 0x4000 });
  }
  const locks = profileFromTrace(s.trace()).topics.get(lockStats);
  const of = (address: number) => locks.filter((l) => l.address === address);
  const holds = of(0x1000).reduce((n, l) => n + l.holdTime.count, 0);
  t.equal(holds, 2, 'both readers are counted');
  t.equal(
    of(0x1000).reduce((n, l) => n + l.holdTime.sum, 0),
    1000 + 5000 + 400 * 2 + 5000 + 2000 + 400 * 2,
    'each from its own beginning to its own end',
  );
  t.equal(
    of(0x2000).reduce((n, l) => n + l.holdTime.sum, 0),
    3500 + 400 + 600 + 400,
    'a semaphore is given back by anybody, the oldest hold first',
  );
  t.strictSame(
    of(0x3000).map((l) => [l.taken, l.holdTime.count, l.holdTime.max]),
    [[2, 1, 70]],
    'a mutex whose unlock was lost',
  );
  t.equal(
    of(0x4000).reduce((n, l) => n + l.contention.count, 0),
    2,
    'two that wait for the same lock',
  );
});

t.test('an interrupt storm is milliseconds in a row', async (t) => {
  const storms = (pause: number): number => {
    const s = start();
    s.site('handler', 'driver');
    for (let ms = 0; ms < 12; ms++) {
      for (let i = 0; i < 500; i++) {
        s.event('irq_handler_entry', { irq: 24, handler: s.address('handler') });
        s.now += 1000;
        s.event('irq_handler_exit', { irq: 24, ret: 1 });
        s.now += 1000;
      }
      s.now += pause;
    }
    return profileFromTrace(s.trace()).incidents.filter(({ kind }) => kind === 'irq-storm').length;
  };
  t.equal(storms(0), 1);
  t.equal(storms(3_000_000), 0, 'bursts with pauses are none');
  t.equal(storms(1_000_000_000), 0);
});

t.test('faults and leaks are counted to the last one', async (t) => {
  const s = start();
  s.enter(s.site('e1000_clean', 'driver'));
  s.event('bind', { state: 0, dev: 0x20 });
  const n = 7000;
  for (let i = 1; i <= n; i++) {
    s.now += 10;
    s.event('dma_map', { id: i, dma: i * 4096, size: 64, dir: 1 });
    s.event('dma_unmap', { id: i, dma: i * 4096, size: 128, dir: 1 });
    s.event('dma_map', { id: n + i, dma: (n + i) * 4096, size: 100, dir: 1 });
  }
  s.event('bind', { state: 4, dev: 0x20 });
  s.leave();
  const found = findings(profileFromTrace(s.trace()));
  t.match(
    found
      .filter(({ kind }) => kind.startsWith('dma-'))
      .map(({ kind, count }) => [kind, count])
      .sort(),
    [
      ['dma-leak', n],
      ['dma-wrong-size', n],
    ],
  );
  t.match(found.find(({ kind }) => kind === 'dma-leak')?.title, `${n} DMA mappings (${n * 100} bytes)`);
  t.ok(found.every(({ evidence }) => evidence.length <= 3));
});

t.test('allocations by calls: sizes, live bytes over time, per call site', async (t) => {
  const s = start();
  s.enter(s.site('e1000_open', 'driver'));
  for (let i = 0; i < 4; i++) call(s, '__kmalloc', 1000, 50, 0x6000_0000 + i * 4096);
  call(s, '__kmalloc', 500, 50, 0);
  s.leave();
  s.enter(s.site('e1000_close', 'driver'));
  for (let i = 0; i < 3; i++) call(s, 'kfree', 0x6000_0000 + i * 4096, 50);
  call(s, 'kfree', 0x6abc_0000, 50);
  s.leave();
  const profile = profileFromTrace(s.trace(), { timeline: false });
  const a = profile.topics.get(memoryStats);
  t.match(a, { from: 'calls', allocations: 4, frees: 3, bytes: 4000, live: 1, liveBytes: 1000, maxLiveBytes: 4000 });
  t.match(a.sites, [{ function: 'e1000_open', allocations: 4, frees: 3, live: 1, maxLiveBytes: 4000 }]);
  const { allocations } = JSON.parse(renderReport(profile, { by: 'allocations', json: true })) as {
    allocations: { overTime: number[] };
  };
  t.equal(Math.max(...allocations.overTime), 4000);
  t.equal(allocations.overTime.at(-1), 1000);
  t.match(renderReport(profile, { by: 'allocations' }), /live at the end 1 of 1000 B, at most 3\.91 KiB/);
});

t.test("allocations by the kernel's events, when there are any", async (t) => {
  const s = start();
  const caller = s.address('x');
  s.event('kmalloc', { ptr: 0x100, caller, bytes_req: 60, bytes_alloc: 64 });
  s.event('kmem_cache_alloc', { ptr: 0x200, caller, bytes_req: 200, bytes_alloc: 200 });
  s.event('mm_page_alloc', { pfn: 3, order: 2 });
  s.now += 100;
  s.event('kfree', { ptr: 0x100 });
  s.event('mm_page_free', { pfn: 3, order: 2 });
  call(s, '__kmalloc', 1000, 50, 0x6000_0000);
  const a = profileFromTrace(s.trace()).topics.get(memoryStats);
  t.match(a, { from: 'events', allocations: 3, frees: 2, bytes: 64 + 200 + 4 * 4096, liveBytes: 200 });
  t.equal(a.lifetime.max, 100);
});

t.test('timers: moved, cancelled, expired', async (t) => {
  const s = start();
  const fn = 0x400000;
  s.site('e1000_watchdog', 'driver');
  const timer = (event: string, extra = {}): void => s.event(event, { timer: 0x5000, ...extra });
  timer('timer_start', { function: fn });
  s.now += 1_000_000;
  timer('timer_cancel');
  s.now += 500;
  timer('timer_start', { function: fn });
  s.now += 2_000_000;
  timer('timer_cancel');
  s.now += 50;
  timer('timer_expire_entry', { function: fn });
  s.now += 300;
  timer('timer_expire_exit');
  timer('timer_start', { function: fn });
  s.now += 3_000_000;
  timer('timer_cancel');
  s.now += 1_000_000;
  const profile = profileFromTrace(s.trace());
  const [one] = profile.topics.get(timerStats);
  t.match(one, {
    name: 'e1000_watchdog',
    kind: 'timer',
    started: 3,
    moved: 1,
    cancelled: 1,
    expired: 1,
    pending: 0,
    total: 300,
  });
  t.equal(one?.delay.max, 2_000_050);
  t.match(renderReport(profile, { by: 'timers' }), /e1000_watchdog +timer +3 +1 +1 +1 +0/);
});

t.test('the way of an interrupt, from the signal to the poll', async (t) => {
  const s = start();
  const poll = s.site('e1000e_poll', 'driver');
  const handler = s.site('e1000_intr', 'driver');
  for (let i = 0; i < 3; i++) {
    s.now += 10_000;
    s.event('irq_signal', { irq: 24, seen: s.now * 2 });
    s.now += 400;
    s.event('irq_handler_entry', { irq: 24, handler: s.address('e1000_intr') });
    s.enter(handler);
    s.now += 150;
    s.event('softirq_raise', { vec: 3 });
    s.leave();
    s.event('irq_handler_exit', { irq: 24, ret: 1 });
    s.now += 90;
    s.event('softirq_entry', { vec: 3 });
    s.now += 30;
    s.call(poll, 1000);
    s.event('napi_poll', { work: 1, budget: 64, napi: 0x7000, poll: s.address('e1000e_poll') });
    s.event('softirq_exit', { vec: 3 });
  }
  const profile = profileFromTrace(s.trace());
  const [path] = profile.topics.get(pathStats);
  t.match(path, { irq: 24, name: 'e1000_intr' });
  t.equal(path?.toRaise.max, 150);
  t.equal(path?.toSoftirq.max, 90);
  t.equal(path?.toPoll.max, 30, 'the poll begins with its function, not with the event after it');
  t.equal(path?.toPoll.count, 2, 'which function polls is known after the first poll');
  t.equal(path?.whole.max, 400 + 150 + 90 + 30);
  t.match(renderReport(profile, { by: 'latency' }), /24 e1000_intr +raise -> softirq +3 +90 ns/);
  t.notMatch(renderReport(profile, { by: 'latency', match: (n) => n === 'other' }), 'e1000_intr');
});

t.test('registers have their names, and both they and DMA are shown over time', async (t) => {
  const s = start();
  s.metadata['registers'] = [{ offset: 8, name: 'STATUS' }, { offset: 'x' }, null];
  for (let i = 0; i < 64; i++) {
    s.event('mmio_read', { offset: 8, width: 4, bdf: 0x20, bar: 0 });
    if (i === 32) s.event('dma_map', { id: 1, dma: 0x1000, size: 4096, dir: 1 });
    if (i === 48) s.event('dma_unmap', { id: 1, dma: 0x1000, size: 4096, dir: 1, copied: 100 });
    s.now += 1000;
  }
  s.event('mmio_write', { offset: 8, width: 4, bdf: 0x20, bar: 1 });
  const profile = profileFromTrace(s.trace());
  const [register, other] = profile.topics.get(registerStats);
  t.match(register, { region: '00:04.0 bar0', offset: 8, name: 'STATUS', reads: 64 });
  t.equal(
    register?.overTime.reduce((a, b) => a + b),
    64,
  );
  t.equal(register?.overTime[31], 1);
  t.equal(other?.name, undefined, 'only the busiest region has names');
  const json = JSON.parse(renderReport(profile, { by: ['dma', 'mmio'], json: true })) as {
    dma: { copied: number; overTime: { mappings: number[]; bytes: number[] } };
    mmio: { name: string; overTime: number[] }[];
  };
  t.equal(json.dma.copied, 100);
  t.strictSame(
    [json.dma.overTime.bytes[50], json.dma.overTime.bytes[120], json.dma.overTime.bytes.at(-1)],
    [0, 4096, 0],
  );
  t.match(renderReport(profile, { by: 'mmio' }), 'STATUS');
});

t.test('each table is the same when only what it needs was read', async (t) => {
  const make = () => {
    const s = start();
    s.enter(s.site('e1000_open', 'driver'));
    call(s, 'mutex_lock', 0x1000, 300);
    call(s, '__kmalloc', 1000, 50, 0x6000_0000);
    call(s, 'mutex_unlock', 0x1000, 10);
    s.event('contention_begin', { lock: 0x2000 });
    s.now += 700;
    s.event('contention_end', { lock: 0x2000 });
    s.leave();
    return s.trace();
  };
  const all = profileFromTrace(make(), { timeline: false });
  for (const by of REPORT_NAMES) {
    const some = profileFromTrace(make(), { timeline: false, only: neededBy([by]) });
    for (const json of [false, true]) {
      const options = { by, json, function: '__kmalloc' };
      t.equal(renderReport(some, options), renderReport(all, options), by);
    }
  }
  const none = profileFromTrace(make(), { timeline: false, only: [] });
  t.same([none.topics.get(lockStats), none.topics.get(memoryStats).allocations], [[], 0]);
  t.equal(
    renderReport(profileFromTrace(make(), { timeline: false, only: neededBy() })),
    renderReport(all),
    'the summary',
  );
});
