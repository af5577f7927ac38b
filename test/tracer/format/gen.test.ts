// SPDX-License-Identifier: MIT
import t from 'tap';
import { generate } from '../../../tracer/format/gen.js';
import { checkTable, type EventTable, placeEvent } from '../../../tracer/format/layout.js';

t.same(generate(true), [], 'the generated files are up to date (else: npm run gen)');

t.test('where arguments stand', async (t) => {
  const args = [
    { name: 'a', type: 'u32', format: 'dec' },
    { name: 'b', type: 'u64', format: 'hex' },
    { name: 'c', type: 'u8', format: 'dec' },
    { name: 'd', type: 'u8', format: 'dec' },
    { name: 'e', type: 'u16', format: 'hex' },
    { name: 'f', type: 'u64', format: 'hex' },
  ] as const;
  const placed = placeEvent({ id: 1, name: 'x:y', category: 'irq', args });
  t.same(
    placed.args.map(({ word, shift }) => [word, shift]),
    [
      [0, 0],
      [1, 0],
      [3, 0],
      [3, 8],
      [3, 16],
      [5, 0],
    ],
  );
  t.equal(placed.extra, 2);
  t.equal(placeEvent({ id: 1, name: 'x:y', category: 'irq', args: [] }).extra, 0);
  t.equal(
    placeEvent({ id: 1, name: 'x:y', category: 'irq', args: [args[1]] }).args[0]?.word,
    1,
    'a u64 is never word 0',
  );
});

t.test('a bad table is refused', async (t) => {
  const table = (events: unknown[]): EventTable =>
    ({ formatVersion: 1, categories: [{ name: 'irq', bit: 4, text: '' }], enums: {}, events }) as EventTable;
  const good = { id: 1, name: 'a:b', category: 'irq', args: [{ name: 'x', type: 'u32', format: 'dec' }] };
  t.doesNotThrow(() => checkTable(table([good])));
  t.throws(() => checkTable(table([good, { ...good, name: 'a:c' }])), /bad id/);
  t.throws(() => checkTable(table([good, { ...good, id: 2, name: 'z:b' }])), /bad name/);
  t.throws(() => checkTable(table([{ ...good, category: 'none' }])), /unknown category/);
  t.throws(
    () => checkTable(table([{ ...good, args: [{ name: 'x', type: 'u32', format: 'enum', enum: 'q' }] }])),
    /enum/,
  );
});
