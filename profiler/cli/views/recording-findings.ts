// SPDX-License-Identifier: MIT
// What `record` says at its end about what is wrong in the recording.

import type { Finding } from '../../model/index.js';
import { analysis, loader } from '../parts.js';

/** Reading more takes seconds: the user is told the verb instead. */
const AT_ONCE = 20_000_000;

export interface RecordingFindings {
  readonly list: readonly Finding[] | null;
  readonly text: string;
}

export async function recordingFindings(file: string, events: number): Promise<RecordingFindings> {
  const later = `findings: dde-profile report ${file} --findings\n`;
  if (events > AT_ONCE) return { list: null, text: later };
  const { loadProfile } = await loader();
  const { findings, renderFindings } = await analysis();
  try {
    const list = findings(loadProfile(file, { timeline: false }));
    if (list.length === 0) return { list, text: 'findings: none\n' };
    return { list, text: `findings: ${list.length}\n\n${renderFindings(list)}` };
  } catch (error) {
    // The recording itself is done, and its exit code stands.
    return { list: null, text: `findings: ${error instanceof Error ? error.message : String(error)}\n` };
  }
}
