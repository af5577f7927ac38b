// SPDX-License-Identifier: MIT
// `npm test`: sets up what is missing, runs the tests in parts, says how long each part took, and ends with the count.
// Arguments: --unit, --guest or --e2e for one part alone, or paths of test files.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bootstrap, main, root, SetupError, together } from './bootstrap.mjs';
import { runFiles } from './run-tests.mjs';

/**
 * What measures, asks for nothing lost or late, or takes the only driver that runs: one after the other. The others know their own
 * processes among those of others, and spend much of their time in waiting for links and in building.
 */
const ALONE = /\/e2e\/(07-throughput|08-kill|13-attach|20-control|21-clean|25-diff|27-gdb-attach)\.test\.ts$/;

/** Those of one stage run beside each other. */
const STAGES = [
  [{ name: 'unit', folders: ['structure', 'runtime', 'tracer', 'profiler', 'inspector'], jobs: 2, seconds: 600 }],
  [
    // Each boots guests of two virtual CPUs, of which one works at most times.
    { name: 'guest', folders: ['guest', 'kmod'], jobs: 1, seconds: 1200 },
    { name: 'e2e', folders: ['seeded', 'e2e'], keep: (path) => !ALONE.test(path), jobs: 2, seconds: 1200 },
  ],
  [{ name: 'e2e, alone', folders: ['e2e'], keep: (path) => ALONE.test(path), jobs: 1, seconds: 900 }],
];

function testsBelow(path) {
  if (!existsSync(join(root, path))) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .flatMap((name) => testsBelow(join(path, name)))
    .filter((name) => name.endsWith('.test.ts'));
}

/** A program of ours; what it says while others run beside it bears its name. */
async function node(name, args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  createInterface({ input: child.stderr }).on('line', (line) => process.stderr.write(`${name}: ${line}\n`));
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}

/** Side by side: extracting, joining and linking keep one CPU busy each. */
async function buildKernels() {
  const build = async (kernel) => {
    const status = await node(kernel, [join(root, 'dist/profiler/cli/main.js'), 'build', 'e1000e', '--kernel', kernel]);
    if (status !== 0) throw new SetupError(`dde-profile build e1000e --kernel ${kernel} failed`, status);
  };
  await together(build('6.1'), build('6.12'));
}

/** Debian's kernels, downloaded once, and the kernel module for each. A failure is the tests' own to tell. */
async function prepareGuests() {
  await node('guests', [join(root, 'dist/test/guest/prepare.js')]);
}

await main(async () => {
  const times = [];
  const timed = async (name, body) => {
    const started = performance.now();
    const result = await body();
    times.push(`${name} ${((performance.now() - started) / 1000).toFixed(1)} s`);
    return result;
  };
  await timed('set-up', async () => bootstrap({ tests: true }));
  const given = process.argv.slice(2);
  const only = given.filter((arg) => arg.startsWith('--')).map((arg) => arg.slice(2));
  const files = given.filter((arg) => !arg.startsWith('--'));
  const stages =
    files.length > 0 ? [[{ name: 'given', paths: files.flatMap(testsBelow), jobs: 2, seconds: 900 }]] : STAGES;
  const wanted = ({ name }) =>
    files.length > 0 || only.length === 0 || only.some((one) => name === one || name.startsWith(`${one},`));
  const chosen = stages.map((parts) =>
    parts.filter(wanted).flatMap((part) => {
      const all = part.paths ?? part.folders.flatMap((folder) => testsBelow(`test/${folder}`));
      const paths = all.filter(part.keep ?? (() => true));
      return paths.length > 0 ? [{ ...part, paths }] : [];
    }),
  );
  const paths = chosen.flat().flatMap((part) => part.paths);
  // Here and not in the first test that needs one: a cold build of a kernel's core takes minutes, longer than a test may.
  const drives = (path) => /(^|\/)test\/(e2e|runtime|seeded|guest\/vfio)\b/.test(path);
  const boots = (path) => /(^|\/)test\/(guest|kmod)\b/.test(path);
  await Promise.all([
    ...(files.length === 0 || paths.some(drives) ? [timed('kernels', buildKernels)] : []),
    ...(paths.some(boots) ? [timed('guests', prepareGuests)] : []),
  ]);
  let passed = 0;
  // .ci/run lints before, and has only this line to say so.
  let failed = process.env.DDE_LINT_FAILED === '1' ? 1 : 0;
  let skipped = 0;
  for (const parts of chosen) {
    const counts = await Promise.all(parts.map((part) => timed(part.name, () => runFiles(part.paths, part))));
    for (const count of counts) {
      skipped += count.skip + count.todo;
      failed += count.fail;
      passed += Math.max(0, count.total - count.fail - count.skip - count.todo);
    }
  }
  console.log(`times: ${times.join(', ')}`);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed > 0 || passed === 0 ? 1 : 0;
});
