// SPDX-License-Identifier: MIT
// The rooms of the C code, as project references are those of TypeScript: which folder may include which, folder by folder. An include
// that no arrow allows fails, and so does a table whose arrows form a circle.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';
import { projectRoot as root } from '../../profiler/setup/root.js';

interface Tree {
  /** Where the folders are. */
  readonly dir: string;
  /** Folders of quoted includes, beside that of the file itself. */
  readonly paths: readonly string[];
  /** A folder, and those it may include. '.' is the files of `dir` itself, which may include all. */
  readonly arrows: Readonly<Record<string, readonly string[]>>;
}

const TREES: readonly Tree[] = [
  {
    dir: 'runtime/arch/dde',
    paths: [],
    arrows: {
      observe: [],
      check: ['observe'],
      kernel: ['check', 'observe'],
      pci: ['kernel'],
      cases: ['kernel', 'check', 'observe'],
      workload: ['cases', 'kernel', 'check', 'observe'],
      exec: ['workload', 'check'],
      include: [],
    },
  },
  {
    dir: 'runtime/ddekit',
    paths: ['.'],
    arrows: {
      include: [],
      host: ['include'],
      event: ['host', 'include'],
      end: ['event', 'host', 'include'],
      device: ['end', 'event', 'host', 'include'],
      program: ['event', 'host', 'include'],
    },
  },
  {
    dir: 'tracer',
    paths: ['.'],
    arrows: {
      abi: [],
      emit: ['abi'],
      sites: ['abi'],
      control: ['emit', 'sites', 'abi'],
      bench: ['emit', 'abi'],
      recorder: ['abi'],
    },
  },
  {
    dir: 'tracer/recorder',
    paths: ['.', '..'],
    arrows: {
      region: [],
      codec: [],
      parquet: [],
      drain: ['region', 'codec'],
      napi: ['drain', 'region', 'codec', 'parquet'],
    },
  },
];

/** The kernel's own headers of another machine, beside arch/dde in the kernel's tree. */
const X86 = /^\.\.\/\.\.\/\.\.\/x86\//;

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(c|cc|h|S)$/.test(name) && !name.includes('/build/'))
    .map((name) => join(folder, name));
}

function includes(file: string): { name: string; quoted: boolean }[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^\s*#\s*include\s*([<"])([^>"]+)[>"]/gm)].map((m) => ({
    name: m[2] as string,
    quoted: m[1] === '"',
  }));
}

/** The folder of a tree that a file below it is in. */
function room(tree: Tree, file: string): string {
  const rest = file.slice(tree.dir.length + 1);
  return rest.includes('/') ? rest.slice(0, rest.indexOf('/')) : '.';
}

/** The file of the repository that an include means; undefined for one from elsewhere. */
function target(tree: Tree, file: string, name: string): string | undefined {
  const candidates = [dirname(file), ...tree.paths.map((path) => join(tree.dir, path))];
  if (name.startsWith('ddekit/')) candidates.push('runtime/ddekit/include');
  return candidates.map((dir) => normalize(join(dir, name))).find((path) => existsSync(join(root, path)));
}

/** A path of arrows from `from` back to itself. */
function circle(arrows: Tree['arrows'], from: string, path: readonly string[] = []): readonly string[] | undefined {
  if (path.includes(from)) return [...path, from];
  for (const to of arrows[from] ?? []) {
    const found = circle(arrows, to, [...path, from]);
    if (found) return found;
  }
  return undefined;
}

for (const tree of TREES) {
  t.test(tree.dir, async (t) => {
    for (const from of Object.keys(tree.arrows))
      t.equal(circle(tree.arrows, from)?.join(' -> '), undefined, `${from}: no circle`);
    const forbidden: string[] = [];
    let seen = 0;
    for (const file of sources(tree.dir)) {
      const from = room(tree, file);
      // Files that stand beside the folders (main.c) are the ones that know all of them; another tree's folders have their own table.
      if (
        from === '.' ||
        TREES.some((other) => other.dir.startsWith(`${tree.dir}/`) && file.startsWith(`${other.dir}/`))
      )
        continue;
      const allowed = tree.arrows[from];
      if (!allowed) {
        forbidden.push(`${file}: no room '${from}' in the table`);
        continue;
      }
      for (const { name, quoted } of includes(file)) {
        if (X86.test(name)) continue;
        const to = target(tree, file, name);
        if (quoted && to === undefined) forbidden.push(`${file}: "${name}" is nowhere`);
        if (!to?.startsWith(`${tree.dir}/`)) continue;
        seen++;
        const room_ = room(tree, to);
        if (room_ !== from && !allowed.includes(room_))
          forbidden.push(`${file}: ${from} may not include ${room_} ("${name}")`);
      }
    }
    t.same(forbidden, []);
    t.ok(seen > 5, `${seen} includes within the tree were looked at`);
  });
}

t.test('a forbidden include and a circle are found', async (t) => {
  t.equal(circle({ a: ['b'], b: ['c'], c: ['a'] }, 'a')?.join(' -> '), 'a -> b -> c -> a');
  t.equal(circle({ a: ['b', 'c'], b: ['c'], c: [] }, 'a'), undefined);
  const [arch] = TREES;
  if (!arch) throw new Error('no table');
  t.equal(target(arch, 'runtime/arch/dde/observe/net.c', '../kernel/dde.h'), 'runtime/arch/dde/kernel/dde.h');
  t.notOk(arch.arrows['observe']?.includes('kernel'));
});

const lines = (files: readonly string[]): number =>
  files.reduce((sum, file) => sum + readFileSync(join(root, file), 'utf8').split('\n').length - 1, 0);

t.test('what Linux asks of an architecture stays small', async (t) => {
  const port = lines(['kernel', 'pci'].flatMap((folder) => sources(`runtime/arch/dde/${folder}`)));
  t.comment(`kernel/ and pci/: ${port} lines; include/: ${lines(sources('runtime/arch/dde/include'))}`);
  t.ok(port > 500 && port < 1500, `kernel/ and pci/ have ${port} lines with their headers, fewer than 1,500`);
});

t.test('each file of the port says for which kernel file it stands', async (t) => {
  for (const file of ['kernel', 'pci'].flatMap((folder) => sources(`runtime/arch/dde/${folder}`))) {
    if (file.endsWith('.h')) continue;
    const head = readFileSync(join(root, file), 'utf8').slice(0, 400);
    t.match(head, /[Ss]tands in for|Needed by Kbuild|What Linux asks of an architecture/, file);
  }
});
