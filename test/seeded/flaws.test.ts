// SPDX-License-Identifier: MIT
// The flaws of test/seeded/flaws that are found, kind and line, in a recording; see the README there for how they came about.
// A part of them; DDE_LONG: all, and that the drivers are clean without a flaw.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Finding } from '../../profiler/model/index.js';
import { projectRoot } from '../../profiler/setup/root.js';
import { cli } from '../fixtures/cli.js';

const folder = join(projectRoot, 'test/seeded/flaws');
const list = (name: string): string[] => readFileSync(`${folder}/${name}`, 'utf8').trim().split('\n');

/** By the first letter of their modes. */
const DRIVERS: Readonly<Record<string, string>> = {
  s: 'sensor',
  p: 'vpanic',
  n: 'nic',
  k: 'poller',
  r: 'ring',
  f: 'plat',
  o: 'oldie',
};
const driverOf = (mode: string): string => DRIVERS[mode.charAt(0)] as string;

/** Drivers of which no build is made for the short part. */
const LONG_ONLY = /^[nsp]-|-(nonstop|forever)$|^o-mutex-twice/;

const program = `${t.testdir()}/poke`;
execFileSync('gcc', ['-O1', '-static', '-o', program, `${folder}/poke.c`]);

/** What a user would do with the driver. */
const WORKLOADS: Readonly<Record<string, readonly string[]>> = {
  sensor: [
    'dev:/dev/sensor0',
    'sleep:150',
    'kick',
    'info',
    'set:5',
    'set:5000',
    'set:6',
    'read:32',
    'write:8',
    'close',
    'sleep:200',
  ],
  nic: ['up', 'send:4', 'sleep:700', 'send:2', 'down'],
  plat: ['cat:/sys/bus/pci/devices/*/tag', `put:/sys/bus/pci/devices/*/tag=${'abcdefghijklmnopqrstuvwxyz'.repeat(4)}`],
  oldie: ['sleep:300', 'cat:/proc/oldie', 'sleep:300'],
};

async function record(driver: string, mode: string, file: string) {
  const doing = WORKLOADS[driver];
  const workload = doing === undefined ? ['idle', '--duration', '1'] : ['exec', program, ...doing];
  const args = ['record', `${folder}/${driver}`, '--json', '--device', 'edu', '--param', `${driver}.mode=${mode}`];
  const end = await cli([...args, '--watchdog', '20s', '-o', file, '--', ...workload], { timeoutMs: 300_000 });
  return { findings: end.json<{ findings: Finding[] | null }>().findings ?? [], stderr: end.stderr };
}

/** The lines that are marked with the mode, HERE or ALT. */
function linesOf(driver: string, mode: string): number[] {
  return list(`${driver}/${driver}.c`).flatMap((text, i) => {
    const marks = [...text.matchAll(/\/\/ (?:HERE|ALT) ([a-z0-9 -]+)/g)].flatMap(
      ([, names]) => names?.split(' ') ?? [],
    );
    return marks.includes(mode) ? [i + 1] : [];
  });
}

/** A tasklet without end loses 100 million events in a second, and among them often (3 of 4 runs) the one that tells of it. */
const FLOOD = 'r-bh-resched';

const found = JSON.parse(readFileSync(`${folder}/found.json`, 'utf8')) as Record<string, string>;
const quick = Object.entries(found).filter(([mode]) => !LONG_ONLY.test(mode));
/** Each third: a record takes seconds. */
const some = quick.filter(([mode], i) => i % 3 === 0 && mode !== FLOOD);
const modes = process.env['DDE_LONG'] ? Object.entries(found) : some;

t.jobs = 2;

for (const [mode, kind] of modes) {
  const driver = driverOf(mode);
  t.test(mode, { buffered: true }, async (t) => {
    const { findings, stderr } = await record(driver, mode, `${t.testdir()}/recording.ddet`);
    const places = linesOf(driver, mode).map((line) => `${driver}.c:${line}`);
    const hit = findings.some(
      (f) => f.kind === kind && f.evidence.some((e) => places.some((place) => (e.source ?? '').endsWith(place))),
    );
    const seen = findings.map((f) => `${f.kind} at ${f.evidence.map((e) => e.source).join(', ')}`);
    t.ok(hit, `${kind} at ${places.join(' or ')}; found: ${seen.join('; ') || `none\n${stderr}`}`);
  });
}

for (const driver of process.env['DDE_LONG'] ? Object.values(DRIVERS) : ['oldie', 'ring']) {
  t.test(`${driver} without a flaw`, { buffered: true }, async (t) => {
    const { findings, stderr } = await record(driver, '', `${t.testdir()}/recording.ddet`);
    t.strictSame(findings, [], stderr);
  });
}

t.test('the list', async (t) => {
  const split = list('split.txt');
  t.ok(split.length >= 60, `${split.length} flaws`);
  for (const mode of Object.keys(found)) {
    t.ok(
      split.includes(mode) && linesOf(driverOf(mode), mode).length > 0,
      `${mode} is in the list, its line is marked`,
    );
  }
});
