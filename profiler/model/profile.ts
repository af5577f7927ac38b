// SPDX-License-Identifier: MIT
// One recording, as all reports, exporters, analyses and the inspector see it.

import type { CallWords } from './call-args.js';
import type { CallTree } from './call-tree.js';
import type { Counter, Flows, Instants } from './columns.js';
import type { Finding } from './finding.js';
import type { FrameTable } from './frame.js';
import type { Histogram } from './histogram.js';
import type { Incident } from './incident.js';
import type { SelfTimes } from './self-times.js';
import type { Timeline } from './timeline.js';
import type { TopicResults } from './topics.js';
import type { Address, Nanoseconds, NodeId, ThreadIndex } from './units.js';

export type ThreadRole = 'other' | 'boot' | 'irq' | 'softirq' | 'timer' | 'work' | 'kthread' | 'workload' | 'idle';

export interface Thread {
  readonly index: ThreadIndex;
  readonly tid: number;
  readonly name: string;
  readonly role: ThreadRole;
  /** Its node in the call tree. */
  readonly node: NodeId;
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  /** With the virtual CPU, interrupts that ran on it included. */
  readonly onCpu: Nanoseconds;
  readonly blocked: Nanoseconds;
  readonly switches: number;
  readonly calls: number;
  readonly timeline: Timeline;
  /** Arguments and return values of its calls, when they were asked for. */
  readonly words?: CallWords;
}

/** A stretch in which events were lost. */
export interface Gap {
  readonly thread: ThreadIndex;
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  readonly lost: number;
}

export interface Accounting {
  produced: number;
  recorded: number;
  lost: number;
  /** Left out when recording, see ProfileMeta.minDuration: produced = recorded + lost + filtered. */
  filtered: number;
  /** Frames closed by the model: at a gap, at the end, or because an outer one was left first. */
  unclosed: number;
  /** Exits whose entry was never seen: dropped. */
  orphanExits: number;
  /** Calls deeper than the limit: counted in the caller at the limit. */
  tooDeep: number;
  /** Events whose time ran backwards: moved to the time before. */
  backwards: number;
  /** Records that the decoder could not read. */
  corrupt: number;
}

/** What recording itself cost, measured in the driver process when it began to trace. */
export interface TracerCost {
  /** An entry and an exit record: added to the caller. */
  readonly pair: Nanoseconds;
  /** The part of it between the two time stamps: added to the function itself. */
  readonly inner: Nanoseconds;
  readonly event: Nanoseconds;
  /** What the arguments of a call add. */
  readonly args: Nanoseconds;
}

export interface Overhead extends TracerCost {
  /** All calls and events of the recording. */
  readonly total: Nanoseconds;
  /** It has been taken out of total and own times (not out of times from entry to exit, nor out of the timelines). */
  readonly subtracted: boolean;
}

export interface ProfileMeta {
  readonly title: string;
  readonly driver?: string;
  readonly device?: string;
  readonly kernelVersion?: string;
  readonly buildId?: string;
  readonly workload?: string;
  readonly host?: string;
  /** Wall-clock time of time 0, milliseconds since 1970. */
  readonly startedAt?: number;
  /** Calls that took less were left out when recording. */
  readonly minDuration?: Nanoseconds;
  /** Places of the code that were not switched on, as a debugger's breakpoint stood there. */
  readonly skippedSites?: number;
  /** False when the recording has no end record: the driver or the recorder was killed. */
  readonly complete: boolean;
  readonly sourceRoot?: string;
  /** What the run told beside its events: its crash, the kernel's reports. */
  readonly told?: readonly Finding[];
}

/** Sums over all stacks that hold a frame. */
export interface FrameStats {
  readonly calls: Float64Array;
  readonly total: Float64Array;
  readonly self: Float64Array;
  readonly wall: Float64Array;
}

export interface SourceLines {
  find(address: Address): { readonly file: string; readonly line: number } | undefined;
}

export interface Profile {
  readonly meta: ProfileMeta;
  readonly duration: Nanoseconds;
  /** Time of the virtual CPU outside the idle thread's own loop. */
  readonly busy: Nanoseconds;
  readonly frames: FrameTable;
  readonly threads: readonly Thread[];
  readonly tree: CallTree;
  readonly stats: FrameStats;
  /** Per frame: time on the CPU of each call. */
  readonly histograms: readonly (Histogram | undefined)[];
  /** Per frame, only where it differs: time from entry to exit. */
  readonly wallHistograms: readonly (Histogram | undefined)[];
  /** Only when it was asked for: self times of each node's calls. */
  readonly selfTimes?: SelfTimes;
  readonly instants: Instants;
  readonly counters: readonly Counter[];
  readonly flows: Flows;
  readonly gaps: readonly Gap[];
  readonly accounting: Accounting;
  /** Undefined for a trace that does not know. */
  readonly overhead?: Overhead;
  readonly topics: TopicResults;
  /** What topics noticed; findings are made of it. */
  readonly incidents: readonly Incident[];
  /** Source lines of the driver's code, when the recording has them. */
  readonly lines?: SourceLines;
  /** False when the model was built for reports only: time-order exporters refuse. */
  readonly hasTimeline: boolean;
  /** Calls whose arguments were not kept: there were too many. */
  readonly droppedArguments: number;
  /** Up to when the timelines reach: `duration`, unless the recording was too long to keep all of it in time order. */
  readonly timelineEnd: Nanoseconds;
}
