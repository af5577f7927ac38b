// SPDX-License-Identifier: MIT
// What `top` shows of a window, and what its keys do.
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { keysOf, onKey, START, type TopState } from '../../../profiler/cli/views/top-keys.js';
import { chosenFunctions, topScreen, topWindow } from '../../../profiler/cli/views/top.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { irqStats } from '../../../profiler/topics/irq/stats.js';

const profile = profileFromTrace(networkTrace({ packets: 100 }).trace(), { timeline: false });
const window = topWindow(profile, { pid: 4711, driver: 'e1000e', inFlight: 256 });
const typing = (keys: string): TopState => keysOf(keys).reduce(onKey, START);

t.test('numbers per second', async (t) => {
  const poll = window.functions.find((f) => f.name === 'e1000e_poll');
  const frame = profile.frames.list.find((f) => f.name === 'e1000e_poll');
  const calls = profile.stats.calls[frame?.id ?? 0] as number;
  t.equal(Math.round((poll?.callsPerSecond ?? 0) * window.seconds), calls);
  const irqs = profile.topics.get(irqStats).reduce((sum, irq) => sum + irq.count, 0);
  t.equal(Math.round(window.interruptsPerSecond * window.seconds), irqs);
  t.equal(window.dma.inFlight, 256);
  t.notOk(window.functions.some((f) => f.kind === 'thread' || f.kind === 'blocked'));
  t.doesNotThrow(() => JSON.parse(JSON.stringify(window)));
});

t.test('keys: order, kind, filter, pause, quit', async (t) => {
  const names = (keys: string): string[] => chosenFunctions(window, typing(keys)).map((f) => f.name);
  const byCalls = chosenFunctions(window, typing('c')).map((f) => f.callsPerSecond);
  t.strictSame(
    byCalls,
    [...byCalls].sort((a, b) => b - a),
  );
  t.strictSame(names('n'), names('').sort());
  t.ok(names('/alloc\r').length > 0);
  t.ok(names('/alloc\r').every((name) => name.includes('alloc')));
  t.strictSame(names('/allox\u007fc\r'), names('/alloc\r'), 'the last letter is taken back');
  t.strictSame(names('/alloc\r\u001b'), names(''), 'escape ends the filter');
  t.ok(chosenFunctions(window, typing('k')).every((f) => f.kind === 'api'));
  t.strictSame(names('kkkk'), names(''));
  t.match(typing('/q\r '), { filter: 'q', quit: false, typing: false, paused: true });
  t.equal(typing('q').quit, true);
  t.equal(typing('/abc\u0003').quit, true, 'Ctrl-C ends it also in a filter');
  t.strictSame(typing('\u001b[A\u001bOBx'), START, 'cursor keys and others do nothing');
});

t.test('the screen fits', async (t) => {
  for (const [width, rows] of [
    [80, 24],
    [40, 10],
    [200, 60],
  ] as const) {
    const lines = topScreen(window, START, { width, rows, color: false }).trimEnd().split('\n');
    t.ok(lines.length <= rows, `${lines.length} lines`);
    t.ok(Math.max(...lines.slice(0, 4).map((line) => line.length)) <= width);
  }
  t.match(topScreen(window, START, { width: 100, rows: 24, color: false }), /DMA in flight 256/);
});
