// SPDX-License-Identifier: MIT
// What `record` says at its end about what is wrong in the recording.

import type { Finding } from '../../model/index.js';
import { abort } from '../abort.js';
import { interruptible, turn } from '../interruptible.js';
import { analysis, loader } from '../lazy.js';

/** Reading more takes seconds: the user is told the verb instead. */
const AT_ONCE = 20_000_000;
/** Whoever pressed Ctrl-C does not want to wait: what is read in a tenth of a second. */
const AFTER_INTERRUPT = 100_000;

export interface RecordingFindings {
  readonly list: readonly Finding[] | null;
  readonly text: string;
}

function text(list: readonly Finding[], rendered: string): string {
  return `findings: ${list.length}\n\n${rendered}`;
}

/**
 * @param file undefined: there is no recording
 * @param told what the run told beside its events; it is in the file, too
 */
export async function recordingFindings(
  file: string | undefined,
  events: number,
  told: readonly Finding[] = [],
): Promise<RecordingFindings> {
  if (file === undefined) {
    if (told.length === 0) return { list: null, text: '' };
    const { renderFindings } = await analysis();
    return { list: told, text: text(told, renderFindings(told)) };
  }
  const later = `findings: dde-profile report ${file} --findings\n`;
  const atOnce = abort.signal.aborted ? AFTER_INTERRUPT : AT_ONCE;
  if (events > atOnce) return { list: null, text: later };
  const { loadProfile } = await loader();
  const { findings, renderFindings } = await analysis();
  await turn();
  try {
    const list = interruptible(() => findings(loadProfile(file, { timeline: false })), { afterInterrupt: true });
    if (list.length === 0) return { list, text: 'findings: none\n' };
    return { list, text: text(list, renderFindings(list)) };
  } catch (error) {
    if (abort.signal.aborted) return { list: null, text: later };
    // The recording itself is done, and its exit code stands.
    return { list: null, text: `findings: ${error instanceof Error ? error.message : String(error)}\n` };
  }
}
