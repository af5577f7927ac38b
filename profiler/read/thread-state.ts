// SPDX-License-Identifier: MIT
// One thread while it is being read: its stack of open calls, in columns.

import {
  type CallWords,
  type Nanoseconds,
  type NodeId,
  type FrameId,
  type ThreadRole,
  Timeline,
} from '../model/index.js';

/** Deeper calls are counted in their caller: speedscope's importer overflows its stack at 5000. */
export const MAX_DEPTH = 500;

export class ThreadState {
  readonly index: number;
  readonly root: NodeId;
  tid: number;
  name: string;
  role: ThreadRole;
  readonly timeline = new Timeline();
  words: CallWords | undefined;
  start: Nanoseconds = -1;
  last: Nanoseconds = 0;
  exited = false;
  off = false;
  depth = 0;
  over = 0;
  calls = 0;
  switches = 0;
  blocked = 0;
  contextTotal = 0;
  readonly frame = new Int32Array(MAX_DEPTH + 4);
  readonly node = new Int32Array(MAX_DEPTH + 4);
  readonly at = new Float64Array(MAX_DEPTH + 4);
  readonly child = new Float64Array(MAX_DEPTH + 4);
  readonly stolen = new Float64Array(MAX_DEPTH + 4);
  /** The tracer's own time within the frame, its callees' included. */
  readonly cost = new Float64Array(MAX_DEPTH + 4);
  /** Its number, with a CallSink. */
  readonly call = new Float64Array(MAX_DEPTH + 4).fill(-1);

  constructor(index: number, root: NodeId, rootFrame: FrameId, name: string, tid: number, role: ThreadRole) {
    this.index = index;
    this.root = root;
    this.name = name;
    this.tid = tid;
    this.role = role;
    this.frame[0] = rootFrame;
    this.node[0] = root;
  }

  /** The innermost open node: where the thread stands. */
  get here(): NodeId {
    return this.node[this.depth] as NodeId;
  }
}
