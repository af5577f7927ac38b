// SPDX-License-Identifier: MIT
// The contract between the exporters and whoever writes files.

import type { Profile } from '../model/index.js';

/** Takes the bytes of one file. `chunk` may be reused by the caller after the call. */
export interface ByteSink {
  write(chunk: Uint8Array): void;
  end(): void;
}

/** One of several files of an export that was cut by time. */
export interface Part {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

export interface ExportSink {
  /** Opens the next file; `part` only where there are several. */
  open(part?: Part): ByteSink;
}

export interface ExportOptions {
  /** Events in one file at most (formats that are cut). */
  maxEvents?: number;
  /** Files at most; the first of several is then an overview of the whole. Default 9. */
  maxParts?: number;
  /** Also draw the virtual CPU, all threads on one axis in time order, where that is left out to keep files small. */
  virtualCpu?: boolean;
}

export interface ExportResult {
  readonly files: number;
  /** Events, samples or stacks written. */
  readonly records: number;
  /** What the user should know: for instance, that only a part is in time order. */
  readonly notes?: readonly string[];
}

export interface Exporter {
  readonly name: string;
  /** Without a leading dot. */
  readonly extension: string;
  readonly description: string;
  /** True when it needs calls in time order (Profile.hasTimeline). */
  readonly needsTimeline: boolean;
  /** It has no use for more events in time order than these, unless all go into one file. */
  readonly usesEvents?: number;
  /** True when it shows arguments and return values of calls. */
  readonly showsArguments?: boolean;
  /** True when it draws the virtual CPU on request only. */
  readonly virtualCpuOnRequest?: boolean;
  /** True when it shows nothing but calls: no counters, instants, packets. */
  readonly callsOnly?: boolean;
  /** True when it needs the bytes of packets. */
  readonly needsPackets?: boolean;
  write(profile: Profile, sink: ExportSink, options?: ExportOptions): ExportResult;
}
