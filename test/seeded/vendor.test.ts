// SPDX-License-Identifier: MIT
// Faults in the habits of small vendor drivers: what outlives them, what a failed probe leaves, memory, hangs and crashes. The line that a
// finding must name ends in the comment @FAULT.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Finding } from '../../profiler/model/index.js';
import { projectRoot } from '../../profiler/setup/root.js';
import { cli } from '../fixtures/cli.js';

const driver = join(projectRoot, 'test/seeded/vendor');
const lines = readFileSync(`${driver}/tuner.c`, 'utf8').split('\n');

/** By fault: the finding's kind, and the exit codes if it is not 0. */
const FAULTS: Readonly<Record<string, readonly [kind: string, ...codes: number[]]>> = {
  chrdev: ['left-behind'],
  group: ['left-behind'],
  ida: ['left-behind'],
  packet: ['left-behind'],
  platform: ['left-behind'],
  pool: ['left-behind'],
  cache: ['left-behind'],
  mempool: ['left-behind'],
  devref: ['left-behind'],
  modref: ['left-behind'],
  // If the process has not ended by then, the timer expires in memory that is freed.
  rearm: ['timer-after-remove', 0, 7],
  global: ['memory-leak'],
  offbyone: ['access-beyond'],
  twice: ['double-free'],
  enabled: ['device-left-enabled'],
  master: ['bus-master-left'],
  freeirq2: ['kernel-warning'],
  noundo: ['irq-leak', 5],
  wait: ['hung', 8],
  loop: ['hung', 8],
  wild: ['crash', 7],
  memset: ['crash', 7],
  strcpy: ['crash', 7],
};

async function record(t: { testdir(): string }, fault: string) {
  const args = [
    'record',
    driver,
    '--json',
    '--irq',
    'intx',
    '--watchdog',
    '10s',
    '--device',
    'edu,dma_mask=0xffffffff',
  ];
  const file = `${t.testdir()}/recording.ddet`;
  const more = ['--param', `tuner.fault=${fault}`, '-o', file, '--', 'idle', '--duration', '300ms'];
  const end = await cli([...args, ...more], { timeoutMs: 300_000 });
  return { code: end.code, findings: end.json<{ findings: Finding[] | null }>().findings ?? [], stderr: end.stderr };
}

const clean = await record(t, 'none');
t.test('without a fault', async (t) => {
  t.strictSame(clean.findings, [], clean.stderr);
  t.equal(clean.code, 0);
});

t.jobs = 2;

for (const [fault, [kind, ...codes]] of Object.entries(FAULTS)) {
  t.test(fault, { buffered: true }, async (t) => {
    const { code, findings, stderr } = await record(t, fault);
    const line = 1 + lines.findIndex((text) => text.includes(`/* @${fault} */`));
    t.ok(line > 0, 'the line is marked');
    const seen = findings.map((f) => `${f.kind} at ${f.evidence.map((e) => e.source).join(', ')}: ${f.title}`);
    t.ok(
      findings.some((f) => f.kind === kind && f.evidence.some((e) => (e.source ?? '').endsWith(`tuner.c:${line}`))),
      `${kind} at tuner.c:${line}; found: ${seen.join('; ') || `none\n${stderr}`}`,
    );
    t.ok((codes.length > 0 ? codes : [0]).includes(code ?? -1), `exit code ${code}`);
  });
}
