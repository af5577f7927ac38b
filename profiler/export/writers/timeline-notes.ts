// SPDX-License-Identifier: MIT

import type { Nanoseconds, Profile } from '../../model/index.js';
import { seconds } from '../../show/index.js';

/** Says so when what was written in time order, or the arguments, end before the recording. */
export function timelineNotes(profile: Profile, until: Nanoseconds = profile.timelineEnd): { notes?: string[] } {
  const notes: string[] = [];
  if (until < profile.duration)
    notes.push(`in time order: the first ${seconds(until)} of ${seconds(profile.duration)}`);
  if (profile.droppedArguments > 0) notes.push(`arguments: not those of the last ${profile.droppedArguments} calls`);
  return notes.length === 0 ? {} : { notes };
}
