// SPDX-License-Identifier: MIT
// From what a crashed process told to its page.

import type { Build } from '../../builds/index.js';
import type { CrashFacts } from '../../run/index.js';
import { driverFiles } from '../driver-files.js';
import { type CrashPage, crashPage } from './page.js';
import { type CodeFrame, symbolise } from './symbolise.js';

/** The frames of the stack, from the one that matters on. */
async function stackOf({ crash }: CrashFacts, executable: string): Promise<CodeFrame[]> {
  const { pcs = [], omitted } = crash;
  const [head, tail] = await Promise.all([
    symbolise(executable, pcs.slice(0, omitted?.before), crash.exact === true),
    omitted === undefined ? [] : symbolise(executable, pcs.slice(omitted.before), false),
  ]);
  const gap = tail.map((frame, i) => (i === 0 && omitted !== undefined ? { ...frame, omitted: omitted.count } : frame));
  const frames = [...head, ...gap];
  // Outside of everything is the C library, which started the thread.
  while (frames.length > 1 && frames.at(-1)?.file === undefined) frames.pop();
  // Inside of panic() is how it is told.
  const panic = crash.reason === 'panic' ? frames.findIndex((frame) => frame.function === 'panic') : -1;
  return panic < 0 ? frames : frames.slice(panic);
}

/** `bug`: what a BUG() said on the console before the panic. */
export async function readCrash(facts: CrashFacts, { executable, manifest }: Build, bug?: string): Promise<CrashPage> {
  const callers = facts.dma?.newest.map((one) => one.caller) ?? [];
  const [frames, mapping] = await Promise.all([stackOf(facts, executable), symbolise(executable, callers, false)]);
  // What holds an inlined helper is the caller.
  const mappers = callers.map((pc): CodeFrame | undefined => mapping.findLast((frame) => frame.pc === pc));
  return crashPage({ facts, frames, mappers, driverFiles: driverFiles(manifest), bug });
}
