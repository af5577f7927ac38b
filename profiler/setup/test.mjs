// SPDX-License-Identifier: MIT
// `npm test`: sets up what is missing, runs the tests in parts, says how long each part took, and ends with the count.
// Arguments: --unit, --guest or --e2e for one part alone, or paths of test files.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap, main, root, SetupError } from './bootstrap.mjs';
import { runFiles } from './run-tests.mjs';

/**
 * What looks at all driver processes of the machine, kills some in the midst of their work, or measures: one after the other. The
 * others spend much of their time in waiting for links and in building, two at a time.
 */
const ALONE =
  /\/e2e\/(01-demo|07-throughput|08-kill|13-attach|16-flight-recorder|20-control|21-clean|25-diff|27-gdb-attach|28-inspector|29-gdb-commands)\.test\.ts$/;

const PARTS = [
  {
    name: 'unit',
    folders: ['structure', 'runtime', 'tracer', 'profiler', 'inspector'],
    jobs: 2,
    seconds: 600,
  },
  // Each boots guests of two virtual CPUs.
  { name: 'guest', folders: ['guest', 'kmod'], jobs: 1, seconds: 900 },
  { name: 'e2e', folders: ['seeded', 'e2e'], keep: (path) => !ALONE.test(path), jobs: 2, seconds: 900 },
  { name: 'e2e, alone', folders: ['e2e'], keep: (path) => ALONE.test(path), jobs: 1, seconds: 900 },
];

function testsBelow(path) {
  if (!existsSync(join(root, path))) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .flatMap((name) => testsBelow(join(path, name)))
    .filter((name) => name.endsWith('.test.ts'));
}

function buildKernels() {
  for (const kernel of ['6.1', '6.12']) {
    const args = [join(root, 'dist/profiler/cli/main.js'), 'build', 'e1000e', '--kernel', kernel];
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new SetupError(`dde-profile build e1000e --kernel ${kernel} failed`, status ?? 4);
  }
}

/** Debian's kernels, downloaded once, and the kernel module for each. A failure is the tests' own to tell. */
function prepareGuests() {
  spawnSync(process.execPath, [join(root, 'dist/test/guest/prepare.js')], { cwd: root, stdio: ['ignore', 2, 2] });
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
  const parts = files.length > 0 ? [{ name: 'given', paths: files.flatMap(testsBelow), jobs: 2, seconds: 900 }] : PARTS;
  // Here and not in the first test that needs one: a cold build of a kernel's core takes minutes, longer than a test may.
  const drives = (path) => /(^|\/)test\/(e2e|runtime|seeded|guest\/vfio)\b/.test(path);
  if (files.length === 0 || files.some(drives)) await timed('kernels', async () => buildKernels());
  let passed = 0;
  // .ci/run lints before, and has only this line to say so.
  let failed = process.env.DDE_LINT_FAILED === '1' ? 1 : 0;
  let skipped = 0;
  for (const part of parts) {
    if (only.length > 0 && !only.some((name) => part.name === name || part.name.startsWith(`${name},`))) continue;
    const paths = (part.paths ?? part.folders.flatMap((folder) => testsBelow(`test/${folder}`))).filter(
      part.keep ?? (() => true),
    );
    if (paths.length === 0) continue;
    if (paths.some((path) => /(^|\/)test\/(guest|kmod)\b/.test(path)))
      await timed('guests', async () => prepareGuests());
    const count = await timed(part.name, () => runFiles(paths, part));
    skipped += count.skip + count.todo;
    failed += count.fail;
    passed += Math.max(0, count.total - count.fail - count.skip - count.todo);
  }
  console.log(`times: ${times.join(', ')}`);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed > 0 || passed === 0 ? 1 : 0;
});
