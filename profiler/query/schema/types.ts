// SPDX-License-Identifier: MIT
// How a table is described: what `query --schema` prints, and what the tests hold against the tables themselves.

import type { ColumnDoc } from '../../topics/index.js';

export interface TableDoc {
  readonly name: string;
  readonly text: string;
  readonly columns: readonly ColumnDoc[];
}
