// SPDX-License-Identifier: MIT
// Files of a length that can be read, and tests where their source is.
import { dirname } from 'node:path';
import t from 'tap';
import { FILES, text } from './sources.js';

const LONGEST = 600;
/** Generated files are *.gen.*; data is no source. */
const SOURCE = /\.(ts|mjs|js|c|h|S|cc|hh|cpp|hpp|py|sh)$/;

t.test(`no source file has more than ${LONGEST} lines`, async (t) => {
  const long = FILES.filter((name) => SOURCE.test(name) && !name.includes('.gen.'))
    .map((name) => [name, text(name).split('\n').length - 1] as const)
    .filter(([, lines]) => lines > LONGEST);
  t.strictSame(long, []);
});

/** Folders below test/ without a counterpart: what they hold belongs to the whole. */
const OF_THE_WHOLE = ['e2e', 'guest', 'seeded', 'structure', 'fixtures'];
/** Helpers of tests. */
const HELPERS = /\/(fixtures?|support)(\/|$)/;

t.test('the test tree mirrors the source tree', async (t) => {
  const folders = new Set<string>();
  for (const name of FILES) for (let dir = dirname(name); dir !== '.'; dir = dirname(dir)) folders.add(dir);
  const tests = FILES.filter((name) => /^test\/.*(\.test\.ts|_test\.c)$/.test(name));
  const orphans = tests.filter((name) => {
    const folder = dirname(name).slice('test/'.length);
    if (OF_THE_WHOLE.includes(folder.split('/')[0] ?? '') || HELPERS.test(`/${folder}`)) return false;
    return !folders.has(folder);
  });
  t.strictSame(orphans, [], 'each test lies where its source does');
  const snapshots = FILES.filter((name) => name.startsWith('tap-snapshots/'));
  t.strictSame(
    snapshots.filter((name) => !FILES.includes(name.slice('tap-snapshots/'.length).replace(/\.test\.cjs$/, ''))),
    [],
    'each snapshot has its test',
  );
});
