// SPDX-License-Identifier: MIT
// Function symbols for a trace's metadata, so that the file needs no executable to be read.

import type { Build } from '../launch/index.js';
import { symbols } from './parts.js';

/** Without them a trace is poorer, not useless: an executable that cannot be read is no reason not to record. */
export async function symbolsOf({ executable, manifest }: Build): Promise<object[]> {
  const { ElfError, functionTable } = await symbols();
  const roots = [manifest.sourceRoot, ...(manifest.buildRoot === undefined ? [] : [manifest.buildRoot])];
  try {
    return functionTable(executable, { roots });
  } catch (error) {
    if (error instanceof ElfError) return [];
    throw error;
  }
}
