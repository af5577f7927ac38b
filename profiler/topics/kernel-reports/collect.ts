// SPDX-License-Identifier: MIT
// What the kernel itself complained about: its text is on the console, the runtime tells that and where.

import { textArg } from '../../../tracer/decode/args.js';
import { findEvent, type TopicContext } from '../../read/index.js';
import { misuses } from '../misuse.js';
import { KERNEL_ERROR } from './pattern.js';

const KINDS = { 4: 'kernel-warning' } as const;
const SAID = { 28: 'said' } as const;
/** The two events of one message, nanoseconds apart. */
const TOGETHER = 100e3;

interface Half {
  readonly at: number;
  readonly code: number;
  readonly text: string;
}

export function hearKernelReports(context: TopicContext): void {
  misuses(context, KINDS, (kind, { code, earlier: also, address, size }, s, t) => {
    context.incident({ kind, at: t, for: 0, thread: s.index, node: s.here, code, data: { address, size, also } });
  });
  /** By thread: a message without its place, or a place without its message. */
  const half = new Map<number, Half>();
  const join = (one: Half, s: { readonly index: number; readonly here: number }): void => {
    const other = half.get(s.index);
    const whole = other !== undefined && one.at - other.at < TOGETHER && (one.text === '') !== (other.text === '');
    if (!whole) return void half.set(s.index, one);
    half.delete(s.index);
    const text = one.text || other.text;
    const code = one.code || other.code;
    if (!KERNEL_ERROR.test(text)) return;
    const data = { text };
    context.incident({ kind: 'kernel-error', at: one.at, for: 0, thread: s.index, node: s.here, code, data });
  };
  misuses(context, SAID, (_, { code }, s, t) => join({ at: t, code, text: '' }, s));
  const words = findEvent(context.trace, 'printk')?.args.find(({ type }) => type === 'str');
  context.on('printk', () => (s, t, b, i) => {
    if (words !== undefined) join({ at: t, code: 0, text: textArg(words, b, i).trim() }, s);
  });
}
