// SPDX-License-Identifier: MIT
// What a topic's folder gives to the registry: its collector, and as it has them tables, findings, pictures.

import type { Finding, Incident, Profile, Severity } from '../model/index.js';
import type { Collector, Topic } from '../read/index.js';
import type { Table } from '../show/index.js';

export interface TableOptions {
  /** Only functions, devices and the like of these names. */
  readonly match?: (name: string) => boolean;
  /** For tables about one function. */
  readonly function?: string;
}

export interface TopicTable {
  /** As `report --by` calls it. */
  readonly name: string;
  /** Stands in the summary. */
  readonly summary?: boolean;
  /** Is about one function: only on request, never in the HTML report. */
  readonly aboutFunction?: boolean;
  /** Does not stand in the HTML report. */
  readonly textOnly?: boolean;
  /** Has few rows, which stand all there unless the user wants fewer. */
  readonly showsAll?: boolean;
  /** For JSON: rows, or an object with rows in some of its properties; --match and --top are applied to it by the report. */
  data(profile: Profile): unknown;
  tables(profile: Profile, top: number, options: TableOptions): Table[];
}

/** A column of a table for SQL: name, unit or type, what it is. */
export type ColumnDoc = readonly [name: string, unit: string, text: string];

/** A table for SQL, made of the recorded events once, when a recording is loaded for `query`. */
export interface SqlTable {
  /** As `FROM` calls it. */
  readonly name: string;
  readonly text: string;
  readonly columns: readonly ColumnDoc[];
  /** From the tables of events (`irq.softirq_entry`) and those of query/schema/stored.ts (`stored.slice`). */
  readonly select: string;
}

/** Makes findings of a topic's result. */
export type ResultRule = (profile: Profile) => Finding[];

/** Makes findings of a topic's incidents of one kind. */
export interface Rule {
  readonly severity: Severity;
  /** Incidents with the same key are one finding. */
  key(profile: Profile, s: Incident): string;
  title(profile: Profile, s: Incident): string;
  text(s: Incident): string;
  readonly hint: string;
  /** Draws its conclusion from an event that did not come. */
  readonly fromAbsence: boolean;
}

export interface Picture {
  /** The heading in the HTML report; pictures of several topics may share one. */
  readonly section: string;
  /** SVG figures; empty texts are left out. */
  draw(profile: Profile): string[];
}

export interface TopicFolder<T = unknown, C extends Collector<T> = Collector<T>, O = object> {
  readonly topic: Topic<T, C, O>;
  readonly tables?: readonly TopicTable[];
  /** By kind of incident. */
  readonly rules?: Readonly<Record<string, Rule>>;
  readonly resultRules?: readonly ResultRule[];
  /** The kinds of findings that the rules on results make; those of incidents go by their names. */
  readonly resultKinds?: readonly string[];
  readonly pictures?: readonly Picture[];
  readonly sql?: SqlTable;
}
