// SPDX-License-Identifier: MIT
// Flaws that people reported of small drivers, run for real: kind and line are found. They were written from the reports without a look
// at the detectors; the line that a finding must name ends in the comment HERE and the mode. Modes that are not in the table are not
// found yet (see CHANGELOG.md).
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { Finding } from '../../profiler/model/index.js';
import { cli } from '../fixtures/cli.js';

const driver = fileURLToPath(new URL('reports', import.meta.url));
const lines = readFileSync(`${driver}/flawed.c`, 'utf8').split('\n');

/** By mode: the finding's kind. */
const MODES: Readonly<Record<string, RegExp>> = {
  'spin-kmalloc': /^sleep-in-atomic$/,
  'spin-msleep': /^sleep-in-atomic$/,
  'spin-mutex': /^sleep-in-atomic$/,
  'irqsave-devm': /^sleep-in-atomic$/,
  'irqsave-kstrdup': /^sleep-in-atomic$/,
  'irqsave-wait': /^sleep-in-atomic$/,
  'irqsave-pool': /^sleep-in-atomic$/,
  'bh-request-irq': /^sleep-in-atomic$/,
  'dma-stack': /^dma-of-stack$/,
  'dma-rodata': /^dma-of-no-memory$/,
  'dma-sg-nents': /^dma-wrong-nents$/,
  'dma-sync-after': /^dma-sync-(after-unmap|beyond)$/,
  'dma-forgotten': /^dma-leak$/,
  'mmio-oob': /^outside-bar$/,
  'late-hrtimer': /^timer-after-remove$/,
};

t.jobs = 2;

for (const [mode, kind] of Object.entries(MODES)) {
  t.test(mode, { buffered: true }, async (t) => {
    const file = `${t.testdir()}/${mode}.ddet`;
    const args = ['record', driver, '--json', '--device', 'edu,dma_mask=0xffffffff', '--param', `flawed.mode=${mode}`];
    const end = await cli([...args, '-o', file, '--', 'idle', '--duration', '1'], { timeoutMs: 300_000 });
    const { findings } = end.json<{ findings: Finding[] | null }>();
    const line = 1 + lines.findIndex((text) => text.includes(`HERE ${mode} `));
    t.ok(line > 0, 'the line is marked');
    const seen = (findings ?? []).map((f) => `${f.kind} at ${f.evidence.map((e) => e.source).join(', ')}: ${f.title}`);
    t.ok(
      findings?.some((f) => kind.test(f.kind) && f.evidence.some((e) => (e.source ?? '').endsWith(`flawed.c:${line}`))),
      `${kind} at flawed.c:${line}; found: ${seen.join('; ') || `none\n${end.stderr}`}`,
    );
  });
}
