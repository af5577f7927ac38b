// SPDX-License-Identifier: MIT
// A newcomer's six changes, as CONTRIBUTING.md describes them, made in a copy of the sources: each touches one folder and one registry, and
// works. DDE_LONG: also those in C, for which the copy's arch/dde is compiled.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { cli, root } from '../fixtures/cli.js';
import { makeTrace } from '../tracer/support/make-trace.js';

interface Change {
  readonly what: string;
  /** New files, all in one folder. */
  readonly files: Readonly<Record<string, string>>;
  /** The one file beside them, and its lines. */
  readonly registry: string;
  readonly edits: readonly (readonly [before: string, after: string])[];
}

const MIT = '// SPDX-License-Identifier: MIT\n';
const GPL = '// SPDX-License-Identifier: GPL-2.0-only\n';

/** A topic that counts the switches of the virtual CPU; `more`: what else its folder gives. */
const topic = (name: string, more: string): string => `${MIT}
import { topicKey } from '../../model/index.js';
import type { TopicFolder } from '../contract.js';

const key = topicKey<number>('${name}');

export const ${name}Folder: TopicFolder = {
  topic: {
    key,
    always: true,
    collect: () => ({ finish: () => 7 }),
  },
  ${more}
};
`;

const registered = (name: string): Change['edits'] => [
  ['import { irqFolder }', `import { ${name}Folder } from './${name}/index.js';\nimport { irqFolder }`],
  ['  irqFolder,\n', `  irqFolder,\n  ${name}Folder,\n`],
];

const TYPESCRIPT: readonly Change[] = [
  {
    what: 'a table',
    files: {
      'profiler/topics/plums/index.ts': topic(
        'plums',
        `tables: [
    {
      name: 'plums',
      data: (profile) => [{ name: 'plum', calls: profile.topics.get(key) }],
      tables: (profile) => [{ title: 'Plums', columns: [{ head: 'calls' }], rows: [[String(profile.topics.get(key))]] }],
    },
  ],`,
      ),
    },
    registry: 'profiler/topics/index.ts',
    edits: registered('plums'),
  },
  {
    what: 'a finding',
    files: {
      'profiler/topics/pears/index.ts': topic(
        'pears',
        `resultRules: [
    (profile) => [
      { kind: 'pears', severity: 'warning', title: \`\${profile.topics.get(key)} pears\`, hint: 'eat them', count: 1, evidence: [] },
    ],
  ],
  resultKinds: ['pears'],`,
      ),
    },
    registry: 'profiler/topics/index.ts',
    edits: registered('pears'),
  },
  {
    what: 'an export format',
    files: {
      'profiler/export/formats/apples.ts': `${MIT}
import { ByteWriter } from '../writers/byte-writer.js';
import type { Exporter } from '../exporter.js';

export const apples: Exporter = {
  name: 'apples',
  extension: 'apples.txt',
  description: 'one apple',
  needsTimeline: false,
  write(_profile, sink) {
    const out = new ByteWriter(sink.open());
    out.text('an apple\\n');
    out.end();
    return { files: 1, records: 1 };
  },
};
`,
    },
    registry: 'profiler/export/index.ts',
    edits: [
      ['import { callgrind }', "import { apples } from './formats/apples.js';\nimport { callgrind }"],
      ['  speedscope,\n  collapsed', '  apples,\n  speedscope,\n  collapsed'],
    ],
  },
];

const C: readonly Change[] = [
  {
    what: 'a workload',
    files: {
      'runtime/arch/dde/workload/cherries.c': `${GPL}#include "workload.h"

static int cherries(const struct dde_args *args)
{
	dde_result("{\\"type\\":\\"result\\",\\"workload\\":\\"cherries\\",\\"ok\\":true}");
	return 0;
}

const struct dde_workload dde_cherries = { .name = "cherries", .run = cherries };
`,
      'runtime/arch/dde/workload/Makefile': 'obj-y += cherries.o\n',
    },
    registry: 'runtime/arch/dde/workload/main.c',
    edits: [
      [
        'static const struct dde_workload *const',
        'extern const struct dde_workload dde_cherries;\nstatic const struct dde_workload *const',
      ],
      ['	&dde_rebind, &dde_micro,\n', '	&dde_rebind, &dde_micro, &dde_cherries,\n'],
    ],
  },
  {
    what: 'a kernel function that the port lacks',
    files: {
      'runtime/arch/dde/kernel/quinces.c': `${GPL}#include <linux/export.h>
int arch_quinces(void);
int arch_quinces(void)
{
	return 42;
}
EXPORT_SYMBOL(arch_quinces);
`,
    },
    registry: 'runtime/arch/dde/kernel/Makefile',
    edits: [['stubs.o cpu.o', 'stubs.o cpu.o quinces.o']],
  },
  {
    what: 'an event',
    files: {},
    registry: 'tracer/format/events.json',
    edits: [
      [
        '  "events": [\n',
        '  "events": [\n    { "id": 250, "name": "dde:grape", "category": "mark", "args": [{ "name": "weight", "type": "u32", "format": "dec" }] },\n',
      ],
    ],
  },
];

/** Where an event is told: its emitter. */
const EMITTER = ['runtime/arch/dde/workload/cherries.c', '	dde_result(', '	ddet_grape(11);\n	dde_result('] as const;

function copyOfSources(dir: string): string {
  const copy = join(dir, 'copy');
  mkdirSync(copy);
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n');
  for (const file of files.filter((name) =>
    /^(profiler|tracer|runtime|inspector|samples|package\.json|tsconfig)/.test(name),
  )) {
    cpSync(join(root, file), join(copy, file));
  }
  writeFileSync(
    join(copy, 'tsconfig.json'),
    readFileSync(join(copy, 'tsconfig.json'), 'utf8').replace(/,?\s*\{ "path": "\.?\/?test" \}/, ''),
  );
  cpSync(join(root, 'tracer/recorder/build'), join(copy, 'tracer/recorder/build'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function apply(copy: string, { files, registry, edits }: Change): void {
  for (const [file, text] of Object.entries(files)) {
    const path = join(copy, file);
    mkdirSync(dirname(path), { recursive: true });
    // A line more in the folder's makefile, or a file more.
    writeFileSync(path, text, { flag: file.endsWith('Makefile') ? 'a' : 'w' });
  }
  edit(copy, registry, edits);
}

function edit(copy: string, file: string, edits: Change['edits']): void {
  let text = readFileSync(join(copy, file), 'utf8');
  for (const [before, after] of edits) {
    if (!text.includes(before)) throw new Error(`${file} has no ${JSON.stringify(before)}`);
    text = text.replace(before, () => after);
  }
  writeFileSync(join(copy, file), text);
}

t.setTimeout(1_800_000);
const copy = copyOfSources(t.testdir());
const node = (script: string, ...args: string[]) =>
  execa('env', ['-u', 'NODE_OPTIONS', process.execPath, script, ...args], { cwd: copy, reject: false });
const tool = (...args: string[]) => node(join(copy, 'dist/profiler/cli/main.js'), ...args);
const compile = (...projects: string[]) =>
  node(join(root, 'node_modules/@typescript/native/bin/tsc'), '-b', ...projects);

t.test('each touches one folder and one registry', async (t) => {
  for (const { what, files, registry } of [...TYPESCRIPT, ...C]) {
    const folders = new Set(Object.keys(files).map(dirname));
    t.ok(folders.size <= 1, what);
    const area = registry.split('/').slice(0, 2).join('/');
    for (const folder of folders) t.ok(folder.startsWith(area), `${what}: the registry is in the same part`);
  }
});

t.test('a table, a finding, an export format', async (t) => {
  for (const change of TYPESCRIPT) apply(copy, change);
  const compiled = await compile('profiler/cli');
  t.equal(compiled.exitCode, 0, compiled.stdout + compiled.stderr);
  const trace = await makeTrace(t.testdir());
  t.match((await tool('report', trace, '--by', 'plums')).stdout, /Plums\s+calls\s+7/);
  t.match((await tool('report', trace, '--findings')).stdout, /7 pears/);
  const exported = await tool('export', trace, '--format', 'apples', '-o', join(dirname(trace), 'x.txt'));
  t.equal(exported.exitCode, 0, exported.stderr);
  t.equal(readFileSync(join(dirname(trace), 'x.txt'), 'utf8'), 'an apple\n');
  t.notOk((await cli(['report', trace, '--by', 'plums'])).code === 0, 'the sources themselves have none of it');
});

// It compiles what of arch/dde includes the events, and joins the core again.
if (process.env['DDE_LONG']) {
  t.test('a workload, a kernel function, an event', async (t) => {
    for (const change of C) apply(copy, change);
    edit(copy, EMITTER[0], [
      [EMITTER[1], EMITTER[2]],
      ['#include "workload.h"', '#include <ddet/ddetrace.h>\n#include "workload.h"'],
    ]);
    for (const project of ['tracer', 'inspector']) await compile(project);
    await node(join(copy, 'dist/tracer/format/gen.js'));
    const compiled = await compile('profiler/cli');
    t.equal(compiled.exitCode, 0, compiled.stdout + compiled.stderr);
    const module = join(
      t.testdir({
        Kbuild: 'obj-m := fruit.o\n',
        'fruit.c':
          '#include <linux/module.h>\nint arch_quinces(void);\nstatic int __init fruit(void)\n{\n\tpr_err("quinces: %d\\n", arch_quinces());\n\treturn 0;\n}\nmodule_init(fruit);\nMODULE_LICENSE("GPL");\n',
      }),
    );
    const file = join(module, 'fruit.ddet');
    const made = await tool('record', module, '--device', 'edu', '-o', file, '--', 'cherries');
    t.equal(made.exitCode, 0, made.stderr);
    t.match(made.stderr, /quinces: 42/);
    t.match(made.stderr, /cherries: ok/);
    t.match((await tool('events', file, '--match', 'dde:grape')).stdout, /dde:grape weight=11/);
  });
}
