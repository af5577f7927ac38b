// SPDX-License-Identifier: MIT
// Collapsed stacks: `frame;frame;frame nanoseconds`, one line per distinct stack, for flamegraph.pl and all its kin.
// The number is the stack's own time on the CPU.

import { mergedTree } from '../../model/index.js';
import { ByteWriter } from '../writers/byte-writer.js';
import type { Exporter } from '../exporter.js';
import { displayName } from '../writers/names.js';

/** The format's separators may not occur inside a name. */
function clean(name: string): string {
  return name.replaceAll(';', ':').replace(/[\r\n]+/g, ' ');
}

export const collapsed: Exporter = {
  name: 'collapsed',
  extension: 'collapsed.txt',
  description: 'collapsed stacks with nanoseconds on the CPU, for flamegraph.pl and others',
  needsTimeline: false,
  callsOnly: true,
  write(profile, sink) {
    const out = new ByteWriter(sink.open());
    const tree = mergedTree(profile);
    const path: string[] = [];
    let records = 0;
    tree.walk((node, depth) => {
      if (depth === 0) return;
      path.length = depth - 1;
      path.push(clean(displayName(profile.frames.get(tree.frame[node] as number))));
      const self = tree.self[node] as number;
      if (self <= 0) return;
      out.text(`${path.join(';')} ${self}\n`);
      records++;
    });
    out.end();
    return { files: 1, records };
  },
};
