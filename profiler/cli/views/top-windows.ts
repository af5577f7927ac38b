// SPDX-License-Identifier: MIT
// The windows of `top`: each is a short recording of its own, read when the next has begun.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningTarget } from '../../record/attaching.js';
import { LaunchError, type Site } from '../../builds/index.js';
import type { Category } from '../../record/index.js';
import { attaching, loader } from '../lazy.js';
import { type TopWindow, topWindow } from './top.js';

export interface WindowsRequest {
  readonly target: RunningTarget;
  readonly sites: readonly Site[];
  readonly chosen: readonly number[];
  readonly categories: readonly Category[];
  readonly symbols: readonly object[];
  readonly toolVersion: string;
  readonly depth?: number;
  /** Waits for the length of a window; returns early when nobody wants more. */
  readonly wait: () => Promise<void>;
  /** False ends it. */
  readonly goOn: () => boolean;
}

/** The runtime's count of DMA mappings that are alive (runtime/arch/dde/check/mappings.c). */
const LIVE_COUNT = 'live_count';

export async function* topWindows(request: WindowsRequest): AsyncGenerator<TopWindow> {
  const { target, categories, chosen } = request;
  const { describe, readVariable, recorderOf, startDrain, switchTracing } = await attaching();
  const { loadProfile } = await loader();
  const inFlight = readVariable(target.pid, target.build.executable, LIVE_COUNT);
  const folder = mkdtempSync(join(tmpdir(), 'dde-profile-'));
  let number = 0;
  const begin = () => {
    const file = join(folder, `${number++}.ddet`);
    // Who records already goes on, and is read along with; also one who begins in this very moment.
    let recorder = recorderOf(target.region);
    let drain: ReturnType<typeof startDrain>;
    try {
      drain = startDrain(target, file, { follow: recorder !== undefined });
    } catch (error) {
      recorder = recorderOf(target.region);
      if (!(error instanceof LaunchError) || error.code !== 'ERR_DDE_PROCESS' || recorder === undefined) throw error;
      drain = startDrain(target, file, { follow: true });
    }
    drain.addMetadata(describe({ ...request, file }, request.symbols));
    return { file, drain, recorder };
  };
  let now = begin();
  let switched = false;
  try {
    while (request.goOn() && target.alive()) {
      if (now.recorder === undefined && !switched)
        await switchTracing(target, categories, chosen, { depth: request.depth });
      switched = now.recorder === undefined;
      await request.wait();
      const { file, drain, recorder } = now;
      const facts = { pid: target.pid, driver: target.build.manifest.driver, inFlight: inFlight(), recorder };
      await drain.stop();
      // What happens between the two is in no window; some milliseconds.
      now = begin();
      const window = topWindow(loadProfile(file, { timeline: false }), facts);
      rmSync(file);
      yield window;
    }
  } finally {
    if (switched && now.recorder === undefined && target.alive()) await switchTracing(target, [], []);
    await now.drain.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
