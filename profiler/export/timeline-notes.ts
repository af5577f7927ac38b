// SPDX-License-Identifier: MIT

import type { Nanoseconds, Profile } from '../model/index.js';

const seconds = (ns: Nanoseconds): string => `${(ns / 1e9).toFixed(3)} s`;

/** Says so when what was written in time order ends before the recording. */
export function timelineNotes(profile: Profile, until: Nanoseconds = profile.timelineEnd): { notes?: string[] } {
  if (until >= profile.duration) return {};
  return { notes: [`in time order: the first ${seconds(until)} of ${seconds(profile.duration)}`] };
}
