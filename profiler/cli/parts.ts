// SPDX-License-Identifier: MIT
// The heavy parts, loaded when a verb needs them, so that --help and `list` stay quick.

import type { Sample } from './build.js';

type BuildProgress =
  | { readonly type: 'step'; readonly text: string }
  | { readonly type: 'count'; readonly text: string; readonly done: number; readonly total?: number };

interface Builder {
  buildDriver(request: {
    driver: string;
    kernel: string;
    onProgress: (event: BuildProgress) => void;
  }): Promise<{ dir: string }>;
  listSamples(): Sample[];
}

export async function builder(): Promise<Builder> {
  const module: string = '../../runtime/build/index.js';
  return (await import(module)) as Builder;
}
