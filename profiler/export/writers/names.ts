// SPDX-License-Identifier: MIT
// How frames are named to viewers.

import { categoryOf, type Frame, type Profile } from '../../model/index.js';

/** Names that cannot be mistaken for functions carry their kind: `softirq NET_RX`, `irq 24 eth0-rx-0`. */
export function displayName(frame: Frame): string {
  return frame.name === '' ? `0x${(frame.address ?? 0).toString(16)}` : frame.name;
}

/** Group and place: `kernel API/mm/slub.c`. speedscope colours by file and name, so a category shares a hue. */
export function displayFile(frame: Frame): string {
  const category = categoryOf(frame.kind);
  return frame.file === undefined || frame.kind === 'thread' ? category : `${category}/${frame.file}`;
}

export function title(profile: Profile): string {
  return profile.meta.title;
}
