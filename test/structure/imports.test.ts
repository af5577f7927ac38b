// SPDX-License-Identifier: MIT
// Imports run one way. The compiler enforces the references between projects (TS6307 for a file of a project that is not
// referenced); this is the other half: the references are these arrows and no others.
import { dirname, join, normalize } from 'node:path';
import t from 'tap';
import { FILES, text, TYPESCRIPT } from './sources.js';

/** May import, by project. A new arrow is a decision: ARCHITECTURE.md says why each is there. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'tracer/elf': [],
  tracer: ['tracer/elf'],
  'runtime/build': ['tracer/elf'],
  'runtime/bench': ['runtime/build'],
  'profiler/model': [],
  'profiler/show': ['profiler/model'],
  'profiler/read': ['tracer', 'profiler/model', 'profiler/show'],
  'profiler/topics': ['tracer', 'profiler/model', 'profiler/show', 'profiler/read'],
  'profiler/findings': ['profiler/model', 'profiler/show', 'profiler/topics'],
  'profiler/report': ['profiler/model', 'profiler/show', 'profiler/topics', 'profiler/findings'],
  'profiler/export': ['profiler/model', 'profiler/show', 'profiler/topics'],
  'profiler/compare': ['profiler/model', 'profiler/show'],
  'profiler/query': ['tracer', 'profiler/model', 'profiler/read', 'profiler/topics', 'profiler/findings'],
  'profiler/open': [],
  'profiler/setup': [],
  'profiler/builds': ['runtime/build'],
  'profiler/bind': [],
  'profiler/run': ['profiler/builds'],
  'profiler/record': ['tracer', 'tracer/elf', 'profiler/builds', 'profiler/run'],
  'profiler/debug': ['profiler/model', 'profiler/builds', 'profiler/run'],
};

interface Project {
  readonly references?: readonly { readonly path: string }[];
}

const projects = new Map(
  FILES.filter((name) => name.endsWith('tsconfig.json') && name !== 'tsconfig.json').map((name) => {
    const { references = [] } = JSON.parse(text(name)) as Project;
    const folder = dirname(name);
    return [folder, references.map(({ path }) => normalize(join(folder, path)))] as const;
  }),
);

t.test('the references between projects are the arrows of ARCHITECTURE.md', async (t) => {
  for (const [folder, allowed] of Object.entries(ARROWS)) {
    const found = projects.get(folder);
    t.ok(found, `${folder} is a project of its own`);
    t.strictSame(
      (found ?? []).filter((to) => !allowed.includes(to)),
      [],
      `${folder} imports nothing else`,
    );
  }
  for (const [folder, to] of projects) {
    if (folder.startsWith('inspector'))
      t.notOk(to.includes('profiler/cli'), `${folder} does not import the command line`);
    if (folder !== 'test') t.notOk(to.includes('test'), `${folder} does not import tests`);
  }
  const known = new Set([...Object.keys(ARROWS), 'profiler/cli', 'profiler/bench', 'test']);
  t.strictSame(
    [...projects.keys()].filter((folder) => !known.has(folder) && !folder.startsWith('inspector')),
    [],
    'each project has its arrows here',
  );
});

t.test('there is no way round', async (t) => {
  const done = new Set<string>();
  const visit = (folder: string, path: readonly string[]): void => {
    if (path.includes(folder)) t.fail(`a circle: ${[...path, folder].join(' -> ')}`);
    else if (!done.has(folder)) for (const to of projects.get(folder) ?? []) visit(to, [...path, folder]);
    done.add(folder);
  };
  for (const folder of projects.keys()) visit(folder, []);
  const root = (JSON.parse(text('tsconfig.json')) as Project).references ?? [];
  t.strictSame(root.map(({ path }) => path).sort(), [...projects.keys()].sort(), '`tsc -b` compiles every project');
  const covered = (name: string): boolean => [...projects.keys()].some((folder) => name.startsWith(`${folder}/`));
  t.strictSame(
    TYPESCRIPT.filter((name) => !covered(name)),
    [],
    'every file is in a project',
  );
});

t.test('no topic reaches into the engine, nor into the stack of a thread', async (t) => {
  for (const name of TYPESCRIPT.filter((one) => one.startsWith('profiler/topics/'))) {
    const found = [...text(name).matchAll(/from '(?:\.\.\/)+read\/([^']+)'/g)].map(([, file]) => file);
    t.strictSame(
      found.filter((file) => file !== 'index.js'),
      [],
      name,
    );
    t.notMatch(text(name), /\b(ThreadState|EngineContext|ProfileBuilder)\b/, name);
  }
});
