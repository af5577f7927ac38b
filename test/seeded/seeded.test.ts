// SPDX-License-Identifier: MIT
// Drivers with a bug, run for real: each bug is found with its kind and its source line, and nothing else is. The bugs stand in
// driver/seeded.c, one a kind, each marked in the line that the finding must name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Finding } from '../../profiler/model/index.js';
import { projectRoot } from '../../profiler/setup/root.js';
import { cli } from '../fixtures/cli.js';

const driver = join(projectRoot, 'test/seeded/driver');

interface Bug {
  readonly name: string;
  readonly kind: string;
  readonly line: number;
}

const bugs: Bug[] = readFileSync(`${driver}/seeded.c`, 'utf8')
  .split('\n')
  .flatMap((text, i) => {
    const [, name, kind] = /\/\* BUG ([a-z-]+): ([a-z-]+) \*\//.exec(text) ?? [];
    return name === undefined || kind === undefined ? [] : [{ name, kind, line: i + 1 }];
  });

/** What a bug needs beside its name. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'napi-lost': ['--cmdline', 'dde.case=lost-softirq'],
  'linear-list': ['--cmdline', 'dde.case=linear-v2p'],
  'error-unchecked': ['--cmdline', 'dde.dma_fail=3'],
  'write-while-mapped': ['--dma', 'strict'],
  'sync-missing': ['--dma', 'strict'],
  'device-sync-missing': ['--dma', 'strict'],
  'both-syncs-missing': ['--dma', 'strict'],
  'written-not-given': ['--dma', 'strict'],
  'irq-storm': ['--irq', 'intx'],
};

/** Kinds that a bug brings with it. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'linear-list': ['virt-to-phys-growth'],
  // The core of PCI warns, too, when the vectors of a requested interrupt go away.
  'irq-leak': ['kernel-warning', 'vectors-leak'],
  // The driver keeps the cache, as one that still holds an object cannot be destroyed.
  'cache-leak': ['left-behind'],
  // Pages that were not given are freed, too, and Linux may find that somebody has them.
  'coherent-wrong-size': ['kernel-error'],
  // The device goes where DMA_MAPPING_ERROR sends it.
  'error-unchecked': ['dma-of-nowhere'],
};

/** Of the bugs that are marked so many are found; CONTRIBUTING.md, "seeded bugs". */
const LEAST_SHARE = 0.95;

async function record(t: Test, bug: string, more: readonly string[] = []): Promise<Finding[]> {
  const file = `${t.testdir()}/${bug}.ddet`;
  const args = ['record', driver, '--json', '--device', 'edu,dma_mask=0xffffffff', '--param', `seeded.bug=${bug}`];
  const end = await cli([...args, '-o', file, ...more, '--', 'idle', '--duration', '1'], { timeoutMs: 300_000 });
  const { findings } = end.json<{ findings: Finding[] | null }>();
  if (findings === null) throw new Error(`${bug}: no findings\n${end.stderr}`);
  return findings;
}

const clean = await record(t, 'none');
t.test('the driver without a bug', async (t) => t.strictSame(clean, [], 'no finding'));

const strict = await record(t, 'none', ['--dma', 'strict']);
t.test('the same with --dma strict', async (t) => t.strictSame(strict, [], 'no finding'));

const newer = await record(t, 'none', ['--kernel', '6.12']);
t.test('the same with Linux 6.12', async (t) => t.strictSame(newer, [], 'no finding'));

t.test('the suite is whole', async (t) => {
  t.ok(bugs.length >= 24, `${bugs.length} bugs`);
  t.equal(new Set(bugs.map((b) => b.name)).size, bugs.length, 'each name once');
});

const missed: string[] = [];
/** What gives and frees memory has other names in Linux 6.12. */
const runs = bugs.flatMap((bug) =>
  (/-leak$/.test(bug.kind) ? ['6.1', '6.12'] : ['6.1']).map((kernel) => ({ ...bug, kernel })),
);

// Most of a run is waiting: two at a time. The first one has built the driver.
t.jobs = 2;

for (const { name, kind, line, kernel } of runs) {
  t.test(`${name}: ${kind} at seeded.c:${line}, Linux ${kernel}`, { buffered: true }, async (t) => {
    const found = await record(t, name, ['--kernel', kernel, ...(OPTIONS[name] ?? [])]);
    const place = new RegExp(`(^|/)seeded\\.c:${line}$`);
    const right = found.find((f) => f.kind === kind && f.evidence.some((e) => place.test(e.source ?? '')));
    const seen = found.map((f) => `${f.kind} at ${f.evidence.map((e) => e.source).join(', ')}: ${f.title}`);
    if (right === undefined) missed.push(`${name}, Linux ${kernel}: ${seen.join('; ') || 'no finding'}`);
    else t.ok(right.hint.length > 0 && right.title.length > 0 && (right.evidence[0]?.stack.length ?? 0) > 0);
    const other = found.filter((f) => f.kind !== kind && ALSO[name]?.includes(f.kind) !== true);
    t.strictSame(
      other.map((f) => `${f.kind}: ${f.title}`),
      [],
      'and no other kind',
    );
  });
}

t.test('nearly all are found', async (t) => {
  for (const one of missed) t.comment(`missed: ${one}`);
  const share = 1 - missed.length / runs.length;
  t.ok(share >= LEAST_SHARE, `${runs.length - missed.length} of ${runs.length}`);
});
