// SPDX-License-Identifier: MIT
// The tables of typed events, described from the event table: a kernel tracepoint `irq:softirq_entry` is `irq.softirq_entry`.

import { EVENT_TABLE } from '../../../tracer/decode/events.gen.js';
import { argColumn, eventTable } from '../tables/events.js';
import type { ColumnDoc } from '../../topics/index.js';
import type { TableDoc } from './types.js';

const COMMON: readonly ColumnDoc[] = [
  ['id', 'id', 'in the order of all events'],
  ['ts', 'ns', 'when'],
  ['utid', 'id', 'thread'],
  ['slice_id', 'id', 'innermost call in which it happened; null: none'],
];
const UNITS: Readonly<Record<string, string>> = {
  hex: 'address',
  dec: 'number',
  ticks: 'ns',
  tsc: 'ns',
  enum: 'text',
  sym: 'text',
};

export const EVENT_TABLES: readonly TableDoc[] = EVENT_TABLE.map((event) => ({
  name: eventTable(event),
  text: `event ${event.name}`,
  columns: [
    ...COMMON,
    ...event.args.flatMap((arg): ColumnDoc[] => {
      const name = argColumn(arg.name);
      const unit = UNITS[arg.format] ?? 'text';
      return arg.format === 'sym' && arg.type !== 'u32s'
        ? [
            [name, 'text', 'function+offset'],
            [`${name}_addr`, 'address', 'the same as a number'],
          ]
        : [[name, arg.type === 'u32s' ? 'text' : unit, '']];
    }),
  ],
}));
