// SPDX-License-Identifier: MIT
// A trace file to a Profile. Apart from load.ts, so that only who reads files needs the native addon.

import { openTrace } from '../../tracer/decode/index.js';
import type { Profile } from '../model/index.js';
import { type LoadOptions, profileFromTrace } from './load.js';

/** Throws TraceError (tracer/decode) when the file cannot be opened as a trace; damage inside it is counted, not thrown. */
export function loadProfile(path: string, options: LoadOptions = {}): Profile {
  const trace = openTrace(path);
  try {
    return profileFromTrace(trace, options);
  } finally {
    trace.close();
  }
}
