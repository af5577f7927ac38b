// SPDX-License-Identifier: MIT
// System calls of the user's program: its functions on the stack at the call, and the call, become frames above what the driver does for it.

import { numbersArg, textArg } from '../../tracer/decode/args.js';
import type { FrameId } from '../model/index.js';
import type { EngineContext } from './context.js';
import { findEvent } from './event-args.js';
import type { TopicContext } from './topic.js';

/** Calls are numbered behind the functions of the program (runtime/arch/dde/exec/trace.c). */
const FIRST_CALL = 65_536;

/** The names of functions and calls as they are told, by number. */
export class ProgramNames {
  private readonly names = new Map<number, string>();

  constructor({ on, trace }: Pick<TopicContext, 'on' | 'trace'>) {
    const text = findEvent(trace, 'program_frame')?.args.find(({ type }) => type === 'str');
    on('program_frame', (arg) => {
      const frame = arg('frame');
      return (_s, _t, b, i) => {
        if (text !== undefined) this.names.set(frame(b, i), textArg(text, b, i));
      };
    });
  }

  of(number: number): string {
    return this.names.get(number) ?? `${number < FIRST_CALL ? 'function' : 'call'} ${number % FIRST_CALL}`;
  }
}

/** By thread: the frames that its open call has opened, the outermost first. */
export type OpenCalls = Map<number, FrameId[]>;

/** To be called before the topics are made. */
export function openCalls(context: EngineContext): OpenCalls {
  const { builder, trace } = context;
  const open: OpenCalls = new Map();
  const names = new ProgramNames(context);
  const stacks = new Map<number, number[]>();
  const frames = findEvent(trace, 'program_stack')?.args.find(({ type }) => type === 'u32s');
  context.on('program_stack', () => (s, _t, b, i) => {
    if (frames !== undefined) stacks.set(s.index, numbersArg(frames, b, i));
  });
  context.on('syscall_entry', (arg) => {
    const call = arg('call');
    return (s, t, b, i) => {
      const name = names.of(call(b, i));
      const stack = (stacks.get(s.index) ?? []).map((one) => names.of(one));
      // The C library's function is the call, as far as a user can see.
      if (stack.at(-1) === name || `${stack.at(-1)}64` === name) stack.pop();
      const opened = stack.map((one) => builder.frame({ name: one, kind: 'program' }));
      opened.push(builder.frame({ name, kind: 'syscall' }));
      stacks.delete(s.index);
      for (const frame of opened) builder.enter(s, t, frame);
      open.set(s.index, opened);
    };
  });
  return open;
}

/** To be called when the topics have been made. */
export function closeCalls({ on, builder }: EngineContext, open: OpenCalls): void {
  on('syscall_exit', () => (s, t) => {
    for (const frame of open.get(s.index)?.reverse() ?? []) builder.leave(s, t, frame);
    open.delete(s.index);
  });
}
