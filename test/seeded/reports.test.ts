// SPDX-License-Identifier: MIT
// Flaws that people reported of small drivers, run for real: kind and line are found. They were written from the reports without a look
// at the detectors; the line that a finding must name ends in the comment HERE and the mode.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Finding } from '../../profiler/model/index.js';
import { projectRoot } from '../../profiler/setup/root.js';
import { cli } from '../fixtures/cli.js';

const driver = join(projectRoot, 'test/seeded/reports');
const lines = readFileSync(`${driver}/flawed.c`, 'utf8').split('\n');

interface Expected {
  readonly kind: RegExp;
  /** What a new user would add to the command. */
  readonly options?: readonly string[];
  readonly workload?: readonly string[];
  /** Of memory that was corrupted only who owns it is known: the finding says what tells more. */
  readonly advice?: RegExp;
}

const found = (kind: string, more: Omit<Expected, 'kind'> = {}): Expected => ({
  kind: new RegExp(`^(${kind})$`),
  ...more,
});
const FEW_EVENTS = { options: ['--events', '-dma'] };

/** By mode. */
const MODES: Readonly<Record<string, Expected>> = {
  'spin-kmalloc': found('sleep-in-atomic'),
  'spin-msleep': found('sleep-in-atomic'),
  'spin-mutex': found('sleep-in-atomic'),
  'irqsave-devm': found('sleep-in-atomic'),
  'irqsave-kstrdup': found('sleep-in-atomic'),
  'irqsave-wait': found('sleep-in-atomic'),
  'irqsave-pool': found('sleep-in-atomic'),
  'bh-request-irq': found('sleep-in-atomic'),
  'dma-stack': found('dma-of-stack'),
  'dma-rodata': found('dma-of-no-memory'),
  'dma-pointer': found('dma-of-pointer'),
  'dma-sg-nents': found('dma-wrong-nents'),
  'dma-sync-after': found('dma-sync-after-unmap|dma-sync-beyond'),
  'dma-forgotten': found('dma-leak'),
  'dma-forgotten with events lost': found('dma-leak', { options: ['--buffer', '0.0625'] }),
  'dma-forgotten without its events': found('dma-leak', FEW_EVENTS),
  'dma-forgotten of a flight recorder': found('dma-leak', { options: ['--mode', 'overwrite'] }),
  'mmio-oob': found('outside-bar'),
  'heap-overflow': found('heap-overflow', { advice: /check DRIVER --with slub-debug/ }),
  'use-after-free': found('use-after-free', { advice: /check DRIVER --with slub-debug/ }),
  'double-free': found('double-free'),
  null: found('crash'),
  div0: found('crash'),
  bug: found('crash'),
  'early-irq': found('crash', { options: ['--irq', 'intx'] }),
  'late-kthread': found('left-behind'),
  'late-misc': found('left-behind'),
  'late-sysfs': found('left-behind'),
  'late-debugfs': found('left-behind'),
  'late-chrdev': found('left-behind'),
  'late-tasklet': found('timer-after-remove'),
  'late-hrtimer': found('timer-after-remove'),
};

const CODES: Readonly<Record<string, number>> = { crash: 7, 'dma-leak': 11 };

/** The line that is marked; of a thread the one that starts it. */
function lineOf(mark: string): number {
  const start = lines.findIndex((text) => text.includes(`HERE start ${mark} `));
  return 1 + (start < 0 ? lines.findIndex((text) => text.includes(`HERE ${mark} `)) : start);
}

interface Run {
  readonly exitCode: number;
  readonly findings: Finding[] | null;
}

async function record(
  t: Test,
  mode: string,
  options: readonly string[] = [],
  workload: readonly string[] = ['idle', '--duration', '1'],
) {
  const file = `${t.testdir()}/recording.ddet`;
  const args = ['record', driver, '--json', '--device', 'edu,dma_mask=0xffffffff', '--param', `flawed.mode=${mode}`];
  const end = await cli([...args, '-o', file, ...options, '--', ...workload], { timeoutMs: 300_000 });
  return { ...end.json<Run>(), code: end.code, file, stderr: end.stderr };
}

const has = (list: readonly Finding[] | null, kind: RegExp, line: number): boolean =>
  list?.some((f) => kind.test(f.kind) && f.evidence.some((e) => (e.source ?? '').endsWith(`flawed.c:${line}`))) ===
  true;

function said(list: readonly Finding[] | null, stderr: string): string {
  const seen = (list ?? []).map((f) => `${f.kind} at ${f.evidence.map((e) => e.source).join(', ')}: ${f.title}`);
  return seen.join('; ') || `none\n${stderr}`;
}

t.jobs = 2;

for (const [name, { kind, options, workload, advice }] of Object.entries(MODES)) {
  t.test(name, { buffered: true }, async (t) => {
    const mode = name.split(' ')[0] as string;
    const { findings, code, stderr } = await record(t, mode, options, workload);
    const line = lineOf(mode);
    t.ok(line > 0, 'the line is marked');
    if (advice === undefined) {
      t.ok(has(findings, kind, line), `${kind} at flawed.c:${line}; found: ${said(findings, stderr)}`);
    } else {
      const one = findings?.find((f) => kind.test(f.kind));
      t.match(one?.hint, advice, `${kind}; found: ${said(findings, stderr)}`);
    }
    const wanted = findings?.map((f) => CODES[f.kind]).find((one) => one !== undefined) ?? 0;
    t.equal(code, wanted, 'the exit code says the same');
  });
}

t.test('what a failed probe leaves', { buffered: true }, async (t) => {
  const { findings, code, stderr } = await record(t, 'probe-fail');
  t.equal(code, 5);
  const kinds = {
    dma: 'dma-leak',
    irq: 'irq-leak',
    region: 'region-leak',
    iomap: 'ioremap-leak',
    memory: 'memory-leak',
  };
  for (const [mark, kind] of Object.entries(kinds)) {
    const line = lineOf(`${mark} probe-fail`);
    t.ok(has(findings, new RegExp(`^${kind}$`), line), `${kind} at flawed.c:${line}; found: ${said(findings, stderr)}`);
    const title = findings?.find((f) => f.kind === kind)?.title ?? '';
    t.match(title, /though the probe failed$/, title);
  }
});

t.test('interrupt vectors that are left, at a rebind', { buffered: true }, async (t) => {
  const { findings, code, stderr } = await record(t, 'vectors-left', [], ['rebind', '--count', '3']);
  t.equal(code, 1, `the workload fails, the tool lives\n${stderr}`);
  const vectors = lines.findIndex((text) => text.includes('pci_alloc_irq_vectors(')) + 1;
  t.ok(
    has(findings, /^(vectors-leak|kernel-warning)$/, vectors),
    `at flawed.c:${vectors}; found: ${said(findings, stderr)}`,
  );
});

t.test('a crash is told of a recording, too, and by run', { buffered: true }, async (t) => {
  const { file } = await record(t, 'null');
  const later = await cli(['report', file, '--findings', '--json']);
  t.ok(has(later.json<{ findings: Finding[] }>().findings, /^crash$/, lineOf('null')), 'report --findings');
  const args = ['run', driver, '--json', '--device', 'edu,dma_mask=0xffffffff', '--param', 'flawed.mode=bug'];
  const run = await cli([...args, '--', 'idle', '--duration', '1'], { timeoutMs: 300_000 });
  t.ok(has(run.json<Run>().findings, /^crash$/, lineOf('bug')), `run: ${run.stdout}`);
});

t.test('many threads do no harm', { buffered: true }, async (t) => {
  const { findings, code, stderr } = await record(t, 'threads-many', ['--param', 'flawed.number=300']);
  t.equal(code, 0, stderr);
  t.strictSame(findings, []);
});
