// SPDX-License-Identifier: MIT
// Every typed event that opens and closes nothing becomes an instant with its first four telling arguments.

import { isNumeric, numbersArg, textArg } from '../../tracer/decode/args.js';
import type { PlacedArg, Trace } from '../../tracer/decode/types.js';
import { TRACEPOINT_BASE } from '../../tracer/format/layout.js';
import type { InstantArg } from '../model/index.js';
import type { EngineContext, EngineHandler } from './context.js';
import { readerFor, shortName } from './event-args.js';

/** Become frames, or are too many to be of use as points. */
const NOT_INSTANTS = new Set([
  'softirq_entry',
  'softirq_exit',
  'irq_handler_entry',
  'irq_handler_exit',
  'timer_expire_entry',
  'timer_expire_exit',
  'hrtimer_expire_entry',
  'hrtimer_expire_exit',
  'workqueue_execute_start',
  'workqueue_execute_end',
  'sched_switch',
  'cpu_idle',
  'packet_data',
  'program_frame',
  'program_stack',
  'syscall_exit',
]);

function argOf(trace: Trace, arg: PlacedArg): InstantArg {
  if (arg.format === 'sym' || !isNumeric(arg)) return { name: arg.name, format: 'name' };
  if (arg.format === 'enum') return { name: arg.name, format: 'enum', values: trace.enums[arg.enum ?? ''] ?? [] };
  return { name: arg.name, format: arg.format === 'hex' ? 'hex' : 'dec' };
}

export function readInstants(context: EngineContext): void {
  const { trace, builder, symbols } = context;
  for (const event of trace.eventById.values()) {
    const short = shortName(event);
    const tracepoint = event.id >= TRACEPOINT_BASE;
    if (!tracepoint && NOT_INSTANTS.has(short)) continue;
    const chosen = event.args.filter((a) => a.name !== 'dev').slice(0, 4);
    const type = builder.instants.addType({
      // One of the table may have the same short name.
      name: tracepoint ? event.name : short,
      category: event.category,
      args: chosen.map((a) => argOf(trace, a)),
    });
    const read = chosen.map((a) => {
      if (a.type === 'u32s') {
        return (b: Parameters<EngineHandler>[2], i: number) =>
          builder.instants.name(
            numbersArg(a, b, i)
              .map((pc) => symbols.name(pc))
              .join(' < '),
          );
      }
      if (!isNumeric(a)) {
        return (b: Parameters<EngineHandler>[2], i: number) => builder.instants.name(textArg(a, b, i));
      }
      const number = readerFor(a);
      if (a.format !== 'sym') return number;
      return (b: Parameters<EngineHandler>[2], i: number) => builder.instants.name(symbols.name(number(b, i)));
    });
    const none = (): number => 0;
    const [a, b, c, d] = [read[0] ?? none, read[1] ?? none, read[2] ?? none, read[3] ?? none];
    context.onEvent(event.id, (s, t, batch, i) => {
      builder.instants.add(type, t, s.index, s.here, a(batch, i), b(batch, i), c(batch, i), d(batch, i));
    });
  }
}
