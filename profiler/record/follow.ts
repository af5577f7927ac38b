// SPDX-License-Identifier: MIT
// Reading along with a recording that is going on: what its recorder asked for is what a follower gets, and nothing is changed for it.

import { isSet } from './bits.js';
import { type Category, categoriesOf } from './categories.js';
import { sitesOf } from './late-names.js';
import { readTracepoints, type Site } from '../builds/manifest.js';
import { type Recorder, type RunningTarget, recorderOf } from './running-target.js';

/** A recorder may end a file and begin the next at once, as `top` does: it is gone when none was there for so long. */
const GONE_MS = 1000;

export interface Followed {
  readonly chosen: number[];
  readonly categories: Category[];
  readonly tracepoints: number[];
}

/** What is recorded now: sites, categories and tracepoints, by number and name. */
export function followed({ region, build }: RunningTarget, sites: readonly Site[]): Followed {
  const asked = region.asked();
  return {
    chosen: sitesOf(asked.sites, sites),
    categories: categoriesOf(region.info().categories),
    tracepoints: readTracepoints(build.dir)
      .map(({ i }) => i)
      .filter((i) => isSet(asked.tracepoints, i)),
  };
}

/** Tells when the recording that is followed has ended. */
export class RecorderWatch {
  readonly #target: RunningTarget;
  #seen = performance.now();
  #last: Recorder;

  constructor(target: RunningTarget, recorder: Recorder) {
    this.#target = target;
    this.#last = recorder;
  }

  /** The one that records now, or did last. */
  get recorder(): Recorder {
    return this.#last;
  }

  gone(): boolean {
    const now = recorderOf(this.#target.region);
    if (now !== undefined) {
      this.#seen = performance.now();
      this.#last = now;
    }
    return performance.now() - this.#seen > GONE_MS;
  }
}
