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

/** A path from the root, or from arch/dde on as the C files say; one with capitals stands for many (`profiler/topics/TOPIC`). */
const PATH = /(?<![\w./~$}@-])(?:(?:runtime|tracer|profiler|inspector|kmod|samples|test)|arch\/dde)\/[\w./-]*[\w-]/g;
/** Laid into the copy of the kernel's tree by a build. */
const OF_A_BUILD = /^arch\/dde\/include\/(ddekit|ddet)$/;
const COMMENT = /^\s*(\/\/|\/?\*)/;

t.test('files and folders that documents and comments name are there', async (t) => {
  const known = new Set(FILES);
  for (const name of FILES) for (let dir = dirname(name); dir !== '.'; dir = dirname(dir)) known.add(dir);
  const gone: string[] = [];
  for (const name of FILES.filter((one) => /\.(ts|mjs|c|h|cc|S|md)$/.test(one) && one !== 'CHANGELOG.md'))
    for (const line of text(name).split('\n')) {
      if (!name.endsWith('.md') && !COMMENT.test(line)) continue;
      for (const [path] of line.matchAll(PATH)) {
        const there = known.has(path) || known.has(`runtime/${path}`) || OF_A_BUILD.test(path);
        if (!there && !/[A-Z]{3}|\.js$|\/\d+$/.test(path)) gone.push(`${name}: ${path}`);
      }
    }
  t.strictSame(gone, []);
});
