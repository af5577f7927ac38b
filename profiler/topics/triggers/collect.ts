// SPDX-License-Identifier: MIT
// The C stacks that a trigger recorded (--on 'FUNCTION' stack), equal ones counted together.

import { numbersArg } from '../../../tracer/decode/args.js';
import { type Collector, findEvent, type TopicContext } from '../../read/index.js';
import type { StackStats } from './stats.js';

/** Different stacks; a driver has few, a damaged trace has no say in how much memory this takes. */
const MAX_STACKS = 10_000;

export class StackCollector implements Collector<StackStats[]> {
  private readonly stacks = new Map<string, { function: string; frames: string[]; count: number }>();

  constructor({ trace, symbols, on }: TopicContext) {
    const frames = findEvent(trace, 'stack')?.args.find((arg) => arg.type === 'u32s');
    if (frames === undefined) return;
    on('stack', (arg) => {
      const called = arg('function');
      return (_s, _t, b, i) => {
        const name = symbols.name(called(b, i));
        const pcs = numbersArg(frames, b, i);
        const key = `${name} ${pcs.join(' ')}`;
        const known = this.stacks.get(key);
        if (known !== undefined) known.count++;
        else if (this.stacks.size < MAX_STACKS)
          this.stacks.set(key, { function: name, frames: pcs.map((pc) => symbols.name(pc)), count: 1 });
      };
    });
  }

  finish(): StackStats[] {
    return [...this.stacks.values()].sort((a, b) => b.count - a.count);
  }
}
