// SPDX-License-Identifier: MIT
// `npm run bench:build [-- --rounds N --cold --check --json]`: the loop of a driver developer. From an edit of a module of one file to its
// new code running; from the symbol of a driver that was never built to its first ping; --cold: a driver with nothing in the cache.
// Medians of wall-clock time as a user sees it, Node's start included.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cacheRoot } from '../build/index.js';
import { median } from './measure.js';

const main = fileURLToPath(new URL('../../profiler/cli/main.js', import.meta.url));

interface Row {
  readonly name: string;
  /** Seconds. */
  readonly value: number;
  readonly atMost?: number;
}

const met = ({ value, atMost }: Row): boolean => value <= (atMost ?? Number.POSITIVE_INFINITY);

/** Nothing stays behind, however the benchmark ends. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill();
});

/** Runs dde-profile; seconds until a line of its stderr matches, or until its end. */
function until(args: readonly string[], line?: RegExp, env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'], env });
    children.add(child);
    let seconds: number | undefined;
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (line?.test(text)) seconds ??= (performance.now() - started) / 1000;
    });
    child.on('close', (code) => {
      children.delete(child);
      if (line === undefined) seconds = (performance.now() - started) / 1000;
      if (code === 0 && seconds !== undefined) resolve(seconds);
      else reject(new Error(`dde-profile ${args.join(' ')} ended with ${code}:\n${text}`));
    });
  });
}

const moduleSource = (round: number): string => `// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/pci.h>

static int bench_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	dev_warn(&pdev->dev, "bench: round ${round}\\n");
	return pcim_enable_device(pdev);
}

static const struct pci_device_id bench_ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };
MODULE_DEVICE_TABLE(pci, bench_ids);
static struct pci_driver bench_driver = { .name = "bench", .id_table = bench_ids, .probe = bench_probe };
module_pci_driver(bench_driver);
MODULE_LICENSE("GPL");
`;

async function edits(rounds: number, progress: (text: string) => void): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'dde-bench-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'Kbuild'), 'obj-m := bench.o\n');
  const run = (round: number): Promise<number> =>
    until(['run', dir, '--device', 'edu', '--', 'idle', '--duration', '1'], new RegExp(`bench: round ${round}\\b`));
  const edited: number[] = [];
  const again: number[] = [];
  // Unlike any edit before, or it would be in the cache. The first one is not counted: it may have to join the core.
  const first = Date.now();
  for (let round = first; round <= first + rounds; round++) {
    progress(`edit ${round - first}/${rounds}`);
    writeFileSync(join(dir, 'bench.c'), moduleSource(round));
    const seconds = await run(round);
    if (round > first) edited.push(seconds);
    again.push(await run(round));
  }
  return [
    { name: 'edit of a module to its new code running', value: median(edited), atMost: 3 },
    { name: 'the same without an edit', value: median(again) },
  ];
}

/** Drivers that are no samples, with devices that QEMU has. */
const UNPREPARED = ['NE2K_PCI', 'PCNET32', 'TULIP', 'VMXNET3'].map((name) => `CONFIG_${name}`);

/** Trees in the cache that were configured for this symbol. */
function treesOf(symbol: string): string[] {
  const trees = join(cacheRoot(), 'trees');
  const all = existsSync(trees) ? readdirSync(trees) : [];
  const list = (tree: string): string => join(trees, tree, 'dde-kconfig.json');
  return all
    .filter((tree) => existsSync(list(tree)) && readFileSync(list(tree), 'utf8').includes(`"${symbol}"`))
    .map((tree) => join(trees, tree));
}

/** Takes away what a measurement made, so that the next one finds an unprepared driver, too. */
function removeBuilds(trees: readonly string[]): void {
  const builds = join(cacheRoot(), 'builds');
  for (const build of readdirSync(builds).filter((name) => existsSync(join(builds, name, 'manifest.json')))) {
    const { buildRoot } = JSON.parse(readFileSync(join(builds, build, 'manifest.json'), 'utf8')) as {
      buildRoot: string;
    };
    if (trees.includes(dirname(buildRoot))) rmSync(join(builds, build), { recursive: true });
  }
  for (const tree of trees) rmSync(tree, { recursive: true });
}

async function symbols(rounds: number, progress: (text: string) => void): Promise<Row[]> {
  const name = 'symbol of an unprepared driver to its first ping';
  const fresh = UNPREPARED.filter((symbol) => treesOf(symbol).length === 0);
  if (fresh.length === 0) {
    process.stderr.write(`bench: ${UNPREPARED.join(', ')} are all in the cache: no driver is unprepared\n`);
    return [];
  }
  // The core, joined.
  await until(['build', 'e1000e']);
  const seconds: number[] = [];
  for (const symbol of fresh.slice(0, rounds)) {
    progress(`${symbol}`);
    try {
      seconds.push(await until(['run', symbol, '--', 'ping', '--count', '1'], /^ping: ok/m));
    } finally {
      removeBuilds(treesOf(symbol));
    }
  }
  return [{ name, value: median(seconds), atMost: 10 }];
}

/** An empty cache, but for the kernel's source. */
async function cold(progress: (text: string) => void): Promise<Row[]> {
  progress('cold build of e1000e: some minutes');
  const dir = mkdtempSync(join(tmpdir(), 'dde-bench-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(dir, { recursive: true });
  await until(['build', 'e1000e']);
  symlinkSync(join(cacheRoot(), 'src'), join(dir, 'src'));
  return [
    {
      name: 'e1000e with an empty cache, its source extracted',
      value: await until(['build', 'e1000e'], undefined, { ...process.env, DDE_PROFILE_CACHE: dir }),
    },
  ];
}

function print(row: Row): void {
  const goal = row.atMost === undefined ? 'no goal' : `at most ${row.atMost}`;
  const verdict = row.atMost === undefined ? '' : met(row) ? 'met' : 'MISSED';
  process.stdout.write(
    `${row.name.padEnd(54)} ${row.value.toFixed(2).padStart(9)} s      ${goal.padEnd(16)} ${verdict}\n`,
  );
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    cold: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
/** Of two processors, one may have something small to do. */
const QUIET = 0.5;

if (values.help || !Number.isInteger(rounds) || rounds < 1) {
  process.stdout.write('usage: npm run bench:build -- [--rounds N] [--cold] [--check] [--json]\n');
  process.exitCode = values.help ? 0 : 2;
} else {
  const progress = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const load = loadavg()[0] ?? 0;
  const rows = [
    ...(await edits(rounds, progress)),
    ...(await symbols(rounds, progress)),
    ...(values.cold ? await cold(progress) : []),
  ];
  if (values.json)
    process.stdout.write(
      `${JSON.stringify({ rounds, load, quiet: load < QUIET, rows: rows.map((row) => ({ ...row, met: met(row) })) })}\n`,
    );
  else for (const row of rows) print(row);
  if (load >= QUIET)
    process.stderr.write(
      `the machine was not quiet (load ${load.toFixed(1)} before the start): the figures say little\n`,
    );
  if (values.check && !rows.every(met)) process.exitCode = 1;
}
