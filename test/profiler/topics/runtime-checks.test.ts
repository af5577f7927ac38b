// SPDX-License-Identifier: MIT
// What the runtime noticed by itself, from traces made by hand: each event's sign, its place in the driver, and what is no sign.
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { findings } from '../../../profiler/findings/index.js';
import type { Incident } from '../../../profiler/model/index.js';
import { ENUMS } from '../../../tracer/decode/events.gen.js';
import { SyntheticTrace } from '../fixtures/synthetic-trace.js';

/** In the driver's only function; call sites are return addresses, one behind the call. */
const CALLER = 0x400011;
const CODE = CALLER - 1;
const MAY_SLEEP = 0x8000_0000;

const nth = (kind: string, value: string): number => {
  const i = ENUMS[kind]?.indexOf(value) ?? -1;
  if (i < 0) throw new Error(`no ${kind} ${value}`);
  return i;
};

/** Lines from 0x400000 on: what is found there has a line, the rest of the code has none. */
function lines(): unknown {
  const unsigned = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
  const rows = [...unsigned(0x400000), 0, 20, ...unsigned(64), 0, 19];
  return { files: ['driver.c'], rows: Buffer.from(rows).toString('base64') };
}

function start(): SyntheticTrace {
  const s = new SyntheticTrace();
  s.use(s.thread('workload', 'workload'));
  s.metadata = { ...s.metadata, lines: lines() };
  s.enter(s.site('driver_work', 'driver'));
  s.now += 100;
  return s;
}

const bind = (s: SyntheticTrace, state: string): void =>
  s.event('bind', { state: nth('bind_state', state), dev: 0x20 });

function signs(s: SyntheticTrace): readonly Incident[] {
  s.now += 100;
  return profileFromTrace(s.trace()).incidents;
}

t.test('sleeping where that is forbidden, and where', async (t) => {
  for (const [context, text] of [
    [0x10000, 'in a hardware interrupt'],
    [0x100, 'in a softirq'],
    [0x200, 'with softirqs disabled'],
    [0x4000_0000, 'with interrupts disabled'],
    [1, 'with a spinlock held or preemption disabled'],
  ] as const) {
    const s = start();
    s.site('mutex_lock', 'api');
    s.event('call_site', {
      caller: CALLER,
      function: s.address('mutex_lock'),
      object: 0,
      context: context + MAY_SLEEP,
    });
    const found = signs(s);
    t.equal(found.length, 1, text);
    t.match(found[0], { kind: 'sleep-in-atomic', code: CODE, data: { function: 'mutex_lock', context: text } });
  }
  const s = start();
  s.site('mutex_lock', 'api');
  const args = { caller: CALLER, function: s.address('mutex_lock'), object: 0 };
  s.event('call_site', { ...args, context: MAY_SLEEP });
  s.event('call_site', { ...args, context: 0x100 });
  t.strictSame(signs(s), [], 'neither sleeping in a thread nor a call in a softirq that does not sleep');
});

t.test('leaks and misuse: every kind that the runtime tells of', async (t) => {
  const leaks = {
    irq: 'irq-leak',
    memory: 'memory-leak',
    region: 'region-leak',
    iomap: 'ioremap-leak',
    pages: 'page-leak',
    skb: 'skb-leak',
    netdev: 'netdev-leak',
    object: 'left-behind',
    vectors: 'vectors-leak',
    enabled: 'device-left-enabled',
    bus_master: 'bus-master-left',
  };
  for (const [kind, sign] of Object.entries(leaks)) {
    const s = start();
    s.event('leak', { kind: nth('leak', kind), caller: CALLER, addr: 0x5000, size: 77 });
    t.match(signs(s), [{ kind: sign, code: CODE, data: { object: 0x5000, size: 77 } }], kind);
  }
  const misuses = {
    dma_error_used: 'dma-error-unchecked',
    dma_cpu_write: 'dma-cpu-write',
    dma_cpu_read: 'dma-sync-missing',
    dma_not_given: 'dma-device-sync-missing',
    warning: 'kernel-warning',
    double_free: 'double-free',
    freed_write: 'use-after-free',
    heap_overflow: 'heap-overflow',
    dma_pointer: 'dma-of-pointer',
    dma_nowhere: 'dma-of-nowhere',
    access_beyond: 'access-beyond',
    access_freed: 'access-freed',
    index_beyond: 'index-beyond',
    dma_stale: 'dma-stale-address',
  };
  const first = CALLER + 16;
  for (const [kind, sign] of Object.entries(misuses)) {
    const s = start();
    s.event('misuse', { kind: nth('misuse', kind), caller: CALLER, addr: 0x6000, size: 64, first });
    const code = kind === 'dma_error_used' ? first - 1 : CODE;
    t.match(signs(s), [{ kind: sign, code, data: { address: 0x6000, size: 64 } }], kind);
    t.match(
      findings(profileFromTrace(s.trace())),
      [{ kind: sign, evidence: [{ source: /driver\.c:10$/ }] }],
      `${kind}: a finding`,
    );
  }
  const failed = start();
  failed.event('misuse', { kind: nth('misuse', 'dma_map_failed'), caller: CALLER, addr: 1, size: 1 });
  t.strictSame(signs(failed), [], 'no fault yet');
});

t.test('mappings that the runtime counted, when no event told of their making', async (t) => {
  for (const kind of ['dma_streaming', 'dma_coherent']) {
    const s = start();
    for (const addr of [0x1000, 0x2000]) s.event('leak', { kind: nth('leak', kind), caller: CALLER, addr, size: 16 });
    t.match(findings(profileFromTrace(s.trace())), [
      { kind: 'dma-leak', count: 2, title: /^2 DMA mappings \(32 bytes\) made at .*driver\.c:10/ },
    ]);
  }
});

t.test('what is left says what came before: a remove, or a probe that failed', async (t) => {
  const title = (state: string): string | undefined => {
    const s = start();
    s.site('misc_register', 'api');
    bind(s, 'bind');
    bind(s, state);
    s.event('leak', { kind: nth('leak', 'object'), caller: CALLER, addr: 0x5000, size: s.address('misc_register') });
    return findings(profileFromTrace(s.trace()))[0]?.title;
  };
  t.equal(title('unbound'), 'what misc_register() registered is still there, though the driver was removed');
  t.equal(title('failed'), 'what misc_register() registered is still there, though the probe failed');
});

t.test('timers and work that outlive the driver', async (t) => {
  const arm = (s: SyntheticTrace): void => {
    s.site('mod_timer', 'api');
    s.event('call_site', { caller: CALLER, function: s.address('mod_timer'), object: 0x7000 });
    s.event('timer_start', { timer: 0x7000, function: s.address('driver_work'), expires: 5 });
  };
  const run = (steps: (s: SyntheticTrace) => void): readonly Incident[] => {
    const s = start();
    bind(s, 'bind');
    steps(s);
    return signs(s);
  };
  const left = run((s) => {
    arm(s);
    bind(s, 'unbound');
  });
  t.match(left, [{ kind: 'timer-after-remove', code: CODE, data: { function: 'driver_work', how: 'pending' } }]);
  const late = run((s) => {
    bind(s, 'unbound');
    arm(s);
  });
  t.match(late, [{ kind: 'timer-after-remove', code: CODE, data: { how: 'armed' } }]);
  for (const end of ['timer_cancel', 'timer_expire_entry']) {
    const none = run((s) => {
      arm(s);
      s.event(end, { timer: 0x7000 });
      bind(s, 'unbound');
    });
    t.strictSame(none, [], end);
  }
  t.strictSame(run(arm), [], 'a driver that is still there');
  const rebound = run((s) => {
    bind(s, 'unbound');
    bind(s, 'bind');
    arm(s);
  });
  t.strictSame(rebound, [], 'bound again');

  const work = (steps: (s: SyntheticTrace) => void): readonly Incident[] =>
    run((s) => {
      for (const name of ['queue_work_on', 'cancel_work_sync']) s.site(name, 'api');
      s.event('call_site', { caller: CALLER, function: s.address('queue_work_on'), object: 0x8000 });
      steps(s);
      bind(s, 'unbound');
    });
  t.match(
    work(() => undefined),
    [{ kind: 'timer-after-remove', code: CODE, data: { function: 'queue_work_on', how: 'pending' } }],
  );
  t.strictSame(
    work((s) => s.event('workqueue_execute_start', { work: 0x8000, function: 0 })),
    [],
    'it ran',
  );
  const cancelled = work((s) =>
    s.event('call_site', { caller: CALLER, function: s.address('cancel_work_sync'), object: 0x8000 }),
  );
  t.strictSame(cancelled, [], 'it was cancelled');
});

t.test('a mapping leaks only if the driver has let go of its device', async (t) => {
  const kinds = (states: readonly string[]): readonly string[] => {
    const s = start();
    s.leave();
    s.enter(s.site('driver_remove', 'driver')); // a name that older files are judged by
    s.event('dma_map', { id: 1, dma: 0x8000, cpu: 0x60008000, size: 64, dir: 1, kind: 0, caller: CALLER });
    for (const state of states) bind(s, state);
    s.leave();
    s.now += 100;
    return findings(profileFromTrace(s.trace())).map((f) => f.kind);
  };
  t.strictSame(kinds(['bind', 'bound', 'unbind', 'unbound']), ['dma-leak']);
  t.strictSame(kinds(['bind', 'failed']), ['dma-leak'], 'a probe that failed');
  t.strictSame(kinds(['bind', 'bound', 'unbind']), [], 'a remove that never returned');
  t.strictSame(kinds([]), ['dma-leak'], 'an older file');
});

t.test('locks held for long: work counts, sleep does not', async (t) => {
  const held = (ns: number, asleep: number, caller = CALLER): readonly Incident[] => {
    const s = start();
    const other = s.thread('swapper', 'idle');
    const [me, from] = [s.using, s.now];
    s.switchTo(other);
    s.now += asleep;
    s.switchTo(me);
    s.now = from + ns;
    s.event('lock_held', { lock: 0x9000, caller, ticks: ns * 2 }); // half a nanosecond a tick
    return signs(s);
  };
  t.match(held(3e9, 0.5e9), [{ kind: 'lock-held', code: CODE, data: { held: 3e9 } }]);
  const [one] = held(3e9, 0.5e9);
  t.ok(Math.abs((one?.for ?? 0) - 2.5e9) < 1e6, `it worked for ${one?.for}`);
  t.strictSame(held(3e9, 1.5e9), [], 'it slept for half of the time');
  t.strictSame(held(1.9e9, 0), [], 'not so long');
  t.strictSame(held(3e9, 0, 0x500000), [], 'not in the driver');
});
