// SPDX-License-Identifier: MIT
// Calls with their arguments as intervals, for viewers whose stacks have no arguments.

import { CallWordsReader, type Frame, type Profile, shownArgs, type Thread, threadTrack } from '../../model/index.js';

export interface CallMarker {
  readonly frame: Frame;
  readonly start: number;
  readonly end: number;
  readonly args: Readonly<Record<string, number | string>>;
}

/** Each marker takes some hundred bytes of JSON. */
export const MAX_CALLS = 200_000;

/** The calls of a thread that have arguments or return something, in the order of their ends; `room` of them at most. */
export function callMarkers(profile: Profile, thread: Thread, room: number): CallMarker[] {
  const markers: CallMarker[] = [];
  if (thread.words === undefined || room <= 0) return markers;
  const words = new CallWordsReader(thread.words);
  const frames = profile.frames.list;
  const open: { start: number; args: Record<string, number | string> }[] = [];
  threadTrack(thread).advance(Number.POSITIVE_INFINITY, {
    enter(t, f, event = -1) {
      const signature = frames[f]?.signature;
      const values = signature === undefined ? undefined : words.take(event);
      open.push({
        start: t,
        args: signature === undefined || values === undefined ? {} : shownArgs(signature, values),
      });
    },
    leave(t, f, event = -1) {
      const frame = frames[f];
      const call = open.pop();
      const returns = frame?.signature?.returns;
      const value = returns === undefined ? undefined : words.take(event)?.[0];
      if (frame === undefined || call === undefined || markers.length >= room) return;
      const args =
        returns === undefined || value === undefined ? call.args : { ...call.args, ret: returns.show(value) };
      if (Object.keys(args).length > 0) markers.push({ frame, start: call.start, end: t, args });
    },
  });
  return markers;
}
