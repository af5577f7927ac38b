// SPDX-License-Identifier: MIT
// From globs to numbers: tracepoints with their fields, triggers, categories.
import t from 'tap';
import { chooseCategories, DEFAULT_CATEGORIES } from '../../../profiler/record/categories.js';
import type { Site, Tracepoint } from '../../../profiler/builds/manifest.js';
import { chooseTracepoints, tracepointEvents } from '../../../profiler/record/tracepoint-choice.js';
import { chooseTriggers, parseTriggers } from '../../../profiler/record/trigger-choice.js';

const field = (type: string, name: string, offset: number, size: number, signed = false) => ({
  type,
  name,
  offset,
  size,
  signed,
});

const POINTS: readonly Tracepoint[] = [
  {
    i: 3,
    name: 'skb:kfree_skb',
    fields: [
      field('void *', 'skbaddr', 0, 8),
      field('void *', 'location', 8, 8),
      field('unsigned short', 'protocol', 16, 2),
      field('int', 'reason', 20, 4, true),
    ],
    format: '"skbaddr=%p location=%pS"',
  },
  {
    i: 7,
    name: 'skb:other',
    fields: [
      field('__data_loc char[]', 'name', 0, 4),
      field('char[16]', 'comm', 4, 16, true),
      field('u8[4]', 'saddr', 20, 4),
      field('__data_loc u8[]', 'cdb', 24, 4),
      field('char', 'c', 28, 1, true),
      field('u8[300]', 'far', 32, 300),
      field('u64', 'too_far', 332, 8),
    ],
    format: '',
  },
];

t.test('tracepoints', async (t) => {
  t.strictSame(chooseTracepoints(POINTS, ['skb:*']), [3, 7]);
  t.strictSame(chooseTracepoints(POINTS, ['skb:other', 'skb:o*']), [7]);
  t.strictSame(chooseTracepoints(POINTS, []), []);
  t.throws(() => chooseTracepoints(POINTS, ['skb:other', 'sbk:*']), { code: 'ERR_DDE_OPTION', message: /sbk:\*/ });
});

t.test('fields as arguments', async (t) => {
  const [kfree, other] = tracepointEvents(POINTS);
  t.match(kfree, { id: 4099, name: 'skb:kfree_skb', category: 'tracepoint' });
  t.strictSame(kfree?.args, [
    { name: 'skbaddr', type: 'u64', format: 'hex', word: 1, shift: 0 },
    { name: 'location', type: 'u64', format: 'sym', word: 3, shift: 0 },
    { name: 'protocol', type: 'u16', format: 'dec', word: 5, shift: 0 },
    { name: 'reason', type: 'i32', format: 'dec', word: 6, shift: 0 },
  ]);
  t.strictSame(other?.args, [
    { name: 'name', type: 'loc', format: 'text', word: 1, shift: 0, size: 8 },
    { name: 'comm', type: 'chars', format: 'text', word: 2, shift: 0, size: 16 },
    { name: 'saddr', type: 'bytes', format: 'text', word: 6, shift: 0, size: 4 },
    { name: 'cdb', type: 'locbytes', format: 'text', word: 7, shift: 0, size: 8 },
    { name: 'c', type: 'i8', format: 'dec', word: 8, shift: 0 },
    { name: 'far', type: 'bytes', format: 'text', word: 9, shift: 0, size: 300 },
  ]);
});

const SITES: readonly Site[] = [
  { i: 0, kind: 'api', name: 'napi_enable', addr: 16, target: 4096 },
  { i: 1, kind: 'driver', name: 'x_open', addr: 2048 },
  { i: 2, kind: 'core', name: 'napi_enable', addr: 4096 },
  { i: 3, kind: 'core', name: 'napi_disable', addr: 8192 },
];

t.test('triggers', async (t) => {
  const pairs = [
    { glob: 'x_*', action: 'stop' },
    { glob: 'napi_*', action: 'stack' },
  ];
  t.strictSame(parseTriggers(['x_*=stop', 'napi_*=stack']), pairs);
  t.throws(() => parseTriggers(['x_open']), { code: 'ERR_DDE_OPTION' });
  t.throws(() => parseTriggers(['x_open=halt']), { code: 'ERR_DDE_OPTION', message: /snapshot, stop or stack/ });
  t.strictSame(
    chooseTriggers(SITES, parseTriggers(['napi_*=stack'])),
    [
      { site: 0, action: 'stack' },
      { site: 3, action: 'stack' },
    ],
    'a function of the interface once',
  );
  t.throws(() => chooseTriggers(SITES, parseTriggers(['y_*=stack'])), { code: 'ERR_DDE_OPTION', message: /y_\*/ });
  const many = Array.from({ length: 65 }, (_, i): Site => ({ i, kind: 'core', name: `f${i}`, addr: i }));
  t.throws(() => chooseTriggers(many, parseTriggers(['f*=stack'])), { message: /65 functions.*64/ });
});

t.test('categories from what is recorded now', async (t) => {
  t.strictSame(chooseCategories('+kmem,-mmio', ['irq', 'mmio']), ['irq', 'kmem']);
  t.strictSame(chooseCategories('net', ['irq']), ['net']);
  t.strictSame(chooseCategories(undefined, ['irq']), ['irq']);
  t.strictSame(chooseCategories(undefined), DEFAULT_CATEGORIES);
});
