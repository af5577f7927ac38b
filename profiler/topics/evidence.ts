// SPDX-License-Identifier: MIT
// Where something was: what findings of all topics show.

import type { Evidence, Nanoseconds, Profile } from '../model/index.js';

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

/** The innermost driver function of a stack. */
export function functionAt(profile: Profile, node: number): string {
  const stack = profile.tree.stack(node).map((f) => profile.frames.get(f));
  const driver = stack.findLast((f) => f.kind === 'driver') ?? stack[stack.length - 1];
  return driver?.name ?? '?';
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
