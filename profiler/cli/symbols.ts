// SPDX-License-Identifier: MIT
// Function symbols for a trace's metadata, so that the file needs no executable to be read.

import type { Build } from '../launch/index.js';

export async function symbolsOf(_build: Build): Promise<object[]> {
  return [];
}
