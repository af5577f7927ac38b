// SPDX-License-Identifier: MIT
// Callgrind's profile format (Valgrind manual, "Callgrind Format Specification"), for KCachegrind, callgrind_annotate
// and others. The event is nanoseconds on the CPU. The format holds functions and call edges, not stacks; a recursive
// function's inclusive time is that of its outermost calls.

import { mergedTree, type Profile } from '../../model/index.js';
import { ByteWriter } from '../writers/byte-writer.js';
import type { Exporter } from '../exporter.js';
import { displayFile, displayName, title } from '../writers/names.js';

interface Edge {
  calls: number;
  inclusive: number;
}

/** Lines and parentheses have a meaning in names. */
function clean(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}

function collect(profile: Profile): { self: Map<number, number>; edges: Map<number, Map<number, Edge>>; sum: number } {
  const tree = mergedTree(profile);
  const self = new Map<number, number>();
  const edges = new Map<number, Map<number, Edge>>();
  let sum = 0;
  for (let n = 1; n < tree.size; n++) {
    const frame = tree.frame[n] as number;
    const own = tree.self[n] as number;
    sum += own;
    self.set(frame, (self.get(frame) ?? 0) + own);
    const parent = tree.parent[n] as number;
    if (parent <= 0) continue;
    const caller = tree.frame[parent] as number;
    let callees = edges.get(caller);
    if (callees === undefined) {
      callees = new Map();
      edges.set(caller, callees);
    }
    const edge = callees.get(frame) ?? { calls: 0, inclusive: 0 };
    edge.calls += tree.calls[n] as number;
    if (tree.recursive[n] === 0) edge.inclusive += tree.total[n] as number;
    callees.set(frame, edge);
  }
  return { self, edges, sum };
}

export const callgrind: Exporter = {
  name: 'callgrind',
  extension: 'callgrind.out',
  description: 'Callgrind profile: functions and call edges, for KCachegrind and callgrind_annotate',
  needsTimeline: false,
  callsOnly: true,
  write(profile, sink) {
    const out = new ByteWriter(sink.open());
    const { self, edges, sum } = collect(profile);
    out.text(
      `# callgrind format\nversion: 1\ncreator: dde-profile\ncmd: ${clean(title(profile))}\npositions: line\n` +
        `event: ns : Nanoseconds on the CPU\nevents: ns\nsummary: ${sum}\n\n`,
    );
    const named = new Set<string>();
    const name = (prefix: string, kind: string, id: number, text: string): string => {
      const key = `${kind}${id}`;
      if (named.has(key)) return `${prefix}=(${id})\n`;
      named.add(key);
      return `${prefix}=(${id}) ${clean(text)}\n`;
    };
    const files = new Map<string, number>();
    const fileOf = (frame: number): [number, string] => {
      const f = profile.frames.get(frame);
      const file = f.file ?? displayFile(f);
      const id = files.get(file) ?? files.size + 1;
      files.set(file, id);
      return [id, file];
    };
    let records = 0;
    for (const [frame, own] of self) {
      const f = profile.frames.get(frame);
      const line = f.line ?? 0;
      let text = name('fl', 'file', ...fileOf(frame)) + name('fn', 'fn', frame + 1, displayName(f));
      text += `${line} ${own}\n`;
      for (const [callee, edge] of edges.get(frame) ?? []) {
        const c = profile.frames.get(callee);
        text += name('cfi', 'file', ...fileOf(callee)) + name('cfn', 'fn', callee + 1, displayName(c));
        text += `calls=${edge.calls} ${c.line ?? 0}\n${line} ${edge.inclusive}\n`;
        records++;
      }
      out.text(`${text}\n`);
      records++;
    }
    out.text(`totals: ${sum}\n`);
    out.end();
    return { files: 1, records };
  },
};
