// SPDX-License-Identifier: MIT
// The call tree: one node per distinct stack. Node 0 is the root of all, its children are the threads.
// Columns, not objects: this is updated at every call.

import type { FrameId, Nanoseconds, NodeId } from './units.js';

function widen<T extends Int32Array | Float64Array | Uint8Array>(a: T, size: number): T {
  const b = new (a.constructor as new (n: number) => T)(size);
  b.set(a);
  return b;
}

export class CallTree {
  size = 0;
  frame = new Int32Array(1024);
  parent = new Int32Array(1024);
  firstChild = new Int32Array(1024);
  nextSibling = new Int32Array(1024);
  /** 1 when an ancestor has the same frame: its time is already in that ancestor's. */
  recursive = new Uint8Array(1024);
  calls = new Float64Array(1024);
  /** On the CPU, callees included; time blocked and in interrupts taken out. */
  total = new Float64Array(1024);
  self = new Float64Array(1024);
  /** From entry to exit. */
  wall = new Float64Array(1024);

  constructor(rootFrame: FrameId) {
    this.add(-1, rootFrame);
  }

  child(parent: NodeId, frame: FrameId): NodeId {
    const frames = this.frame;
    const next = this.nextSibling;
    for (let n = this.firstChild[parent] as number; n !== 0; n = next[n] as number) if (frames[n] === frame) return n;
    return this.add(parent, frame);
  }

  private add(parent: NodeId, frame: FrameId): NodeId {
    const n = this.size;
    if (n === this.frame.length) this.widen(n * 2);
    this.size = n + 1;
    this.frame[n] = frame;
    this.parent[n] = parent;
    if (parent >= 0) {
      this.nextSibling[n] = this.firstChild[parent] as number;
      this.firstChild[parent] = n;
      for (let p = parent; p > 0; p = this.parent[p] as number) {
        if (this.frame[p] === frame) {
          this.recursive[n] = 1;
          break;
        }
      }
    }
    return n;
  }

  private widen(size: number): void {
    this.frame = widen(this.frame, size);
    this.parent = widen(this.parent, size);
    this.firstChild = widen(this.firstChild, size);
    this.nextSibling = widen(this.nextSibling, size);
    this.recursive = widen(this.recursive, size);
    this.calls = widen(this.calls, size);
    this.total = widen(this.total, size);
    this.self = widen(this.self, size);
    this.wall = widen(this.wall, size);
  }

  children(node: NodeId): NodeId[] {
    const out: NodeId[] = [];
    for (let n = this.firstChild[node] as number; n !== 0; n = this.nextSibling[n] as number) out.push(n);
    return out;
  }

  /** Frames from the thread (or context) down to the node itself. */
  stack(node: NodeId): FrameId[] {
    const out: FrameId[] = [];
    for (let n = node; n > 0; n = this.parent[n] as number) out.push(this.frame[n] as number);
    return out.reverse();
  }

  /** Adds another tree's subtree below a node of this one. */
  graft(into: NodeId, from: CallTree, node: NodeId): NodeId {
    const n = this.child(into, from.frame[node] as number);
    this.calls[n] = (this.calls[n] as number) + (from.calls[node] as number);
    this.total[n] = (this.total[n] as number) + (from.total[node] as number);
    this.self[n] = (this.self[n] as number) + (from.self[node] as number);
    this.wall[n] = (this.wall[n] as number) + (from.wall[node] as number);
    for (let c = from.firstChild[node] as number; c !== 0; c = from.nextSibling[c] as number) this.graft(n, from, c);
    return n;
  }

  /** Depth first, children of a node by falling time (then by frame): the order of a left-heavy flame graph. */
  walk(visit: (node: NodeId, depth: number) => void, from: NodeId = 0): void {
    const stack: number[] = [from, 0];
    while (stack.length > 0) {
      const depth = stack.pop() as number;
      const node = stack.pop() as number;
      visit(node, depth);
      const kids = this.children(node);
      kids.sort(
        (a, b) => this.weight(a) - this.weight(b) || (this.frame[b] as Nanoseconds) - (this.frame[a] as number),
      );
      for (const k of kids) stack.push(k, depth + 1);
    }
  }

  private weight(n: NodeId): number {
    return this.total[n] as number;
  }
}
