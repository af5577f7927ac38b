// SPDX-License-Identifier: MIT
// What a finding is.

import type { Nanoseconds, Profile } from '../model/index.js';

export type Severity = 'error' | 'warning' | 'note';

export interface Evidence {
  readonly at: Nanoseconds;
  readonly thread: string;
  /** `file:line` of the driver's code that it is about: the call, or failing that the function's beginning. */
  readonly source?: string;
  /** Outermost first. */
  readonly stack: readonly string[];
  readonly text: string;
}

export interface Finding {
  /** Stable, e.g. `dma-double-unmap`. */
  readonly kind: string;
  readonly severity: Severity;
  /** One line with the names and numbers. */
  readonly title: string;
  /** What to look at or do. */
  readonly hint: string;
  /** How many times it happened; `evidence` shows the first few. */
  readonly count: number;
  readonly evidence: readonly Evidence[];
}

export type Check = (profile: Profile) => Finding[];

/** Evidence shown for one finding at most. */
export const SHOWN = 3;

/** `file:line` of an instruction in the driver; failing that of the innermost driver function of a stack. */
export function sourceOf(profile: Profile, node: number, code: number): string | undefined {
  const at = code > 0 ? profile.lines?.find(code) : undefined;
  if (at !== undefined) return `${at.file}:${at.line}`;
  const stack = profile.tree.stack(node).map((f) => profile.frames.get(f));
  const inner = stack.findLast((f) => f.kind === 'driver');
  if (inner === undefined) return undefined;
  const begin = inner.address === undefined ? undefined : profile.lines?.find(inner.address);
  return begin === undefined ? inner.file : `${begin.file}:${begin.line}`;
}

export function evidence(
  profile: Profile,
  at: Nanoseconds,
  thread: number,
  node: number,
  text: string,
  code = 0,
): Evidence {
  const stack = profile.tree.stack(node).map((f) => {
    const frame = profile.frames.get(f);
    return frame.file === undefined || frame.kind === 'thread' ? frame.name : `${frame.name} (${frame.file})`;
  });
  const source = sourceOf(profile, node, code);
  return {
    at,
    thread: profile.threads[thread]?.name ?? '?',
    ...(source === undefined ? {} : { source }),
    stack,
    text,
  };
}

/** Events lost within the stretch: conclusions from what is missing are not safe there. */
export function lossWithin(profile: Profile, from: Nanoseconds, to: Nanoseconds): boolean {
  return profile.gaps.some((g) => g.start <= to && g.end >= from);
}
