// SPDX-License-Identifier: MIT
// How a table is described: what `query --schema` prints, and what the tests hold against the tables themselves.

/** Name, unit or type, and what it is. */
export type ColumnDoc = readonly [name: string, unit: string, text: string];

export interface TableDoc {
  readonly name: string;
  readonly text: string;
  readonly columns: readonly ColumnDoc[];
}

/** A table that SQL makes of the recorded events, once, when the recording is loaded. Column `recording` is added to all. */
export interface TopicTable extends TableDoc {
  /** Names the tables of events as in `query --schema`, so `irq.softirq_entry`. */
  readonly select: string;
}
