// SPDX-License-Identifier: MIT
import t from 'tap';
import { inOrder } from '../../../../runtime/build/link/kernel-part.js';
import { mirrorPath } from '../../../../runtime/build/module/mirror.js';

interface M {
  readonly name: string;
  readonly wants: readonly string[];
  readonly gives: readonly string[];
}

function order(...modules: M[]): string {
  return inOrder(
    modules,
    (m) => new Set(m.wants),
    (m) => m.gives,
  )
    .map((m) => m.name)
    .join(' ');
}

t.test('modules start after those they use', (t) => {
  const core = { name: 'core', wants: [], gives: ['f'] };
  const mid = { name: 'mid', wants: ['f'], gives: ['g'] };
  const top = { name: 'top', wants: ['g', 'f'], gives: [] };
  t.equal(order(top, mid, core), 'core mid top');
  t.equal(order(core, top, mid), 'core mid top');
  t.equal(
    order({ name: 'a', wants: ['y'], gives: ['x'] }, { name: 'b', wants: ['x'], gives: ['y'] }),
    'b a',
    'a circle ends',
  );
  t.end();
});

t.test('folders that make cannot name get other names', (t) => {
  t.equal(mirrorPath('/home/me/a-b.c/d+e'), 'home/me/a-b.c/d+e');
  t.equal(mirrorPath('/home/größe/a b/c:d'), 'home/folder1/folder2/folder3');
  t.end();
});
