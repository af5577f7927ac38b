// SPDX-License-Identifier: MIT
// A call tree drawn as if it were one run: each stack once, as wide as all its time. It stands for recordings that are
// too long to be shown in time order.

import {
  type CallTree,
  mergedTree,
  type Profile,
  type Track,
  type TrackVisitor,
  activeThreads,
} from '../../model/index.js';

function treeTrack(name: string, tree: CallTree, root: number, thread?: Track['thread']): Track {
  return {
    name,
    ...(thread === undefined ? {} : { thread }),
    advance(_until, visitor) {
      draw(tree, root, 0, visitor, root === 0);
    },
  };
}

/** Returns where the node ends. */
function draw(tree: CallTree, node: number, from: number, visitor: TrackVisitor, hidden: boolean): number {
  const frame = tree.frame[node] as number;
  const kids = tree
    .children(node)
    .filter((k) => (tree.total[k] as number) > 0)
    .sort((a, b) => (tree.total[b] as number) - (tree.total[a] as number));
  if (!hidden) visitor.enter(from, frame);
  let at = from;
  for (const k of kids) at = draw(tree, k, at, visitor, false);
  const end = Math.max(at, from + (tree.total[node] as number));
  if (!hidden) visitor.leave(end, frame);
  return end;
}

/** The whole recording: the virtual CPU, then each thread. */
export function overviewTracks(profile: Profile): Track[] {
  return [
    treeTrack('all threads, as a call tree', mergedTree(profile), 0),
    ...activeThreads(profile).map((t) => treeTrack(`${t.name} (${t.tid}), call tree`, profile.tree, t.node, t)),
  ];
}
