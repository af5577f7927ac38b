// SPDX-License-Identifier: MIT
// `npm test`: sets up what is missing, runs the tests in parts, says how long each part took, and ends with the count.
// Arguments: --unit, --guest or --e2e for one part alone, or paths of test files.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bootstrap, main, root, SetupError } from './bootstrap.mjs';

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
    args: ['--jobs=2', '--timeout=600'],
  },
  // Each boots guests of two virtual CPUs.
  { name: 'guest', folders: ['guest', 'kmod'], args: ['--jobs=1', '--timeout=900'] },
  { name: 'e2e', folders: ['seeded', 'e2e'], keep: (path) => !ALONE.test(path), args: ['--jobs=2', '--timeout=900'] },
  { name: 'e2e, alone', folders: ['e2e'], keep: (path) => ALONE.test(path), args: ['--jobs=1', '--timeout=900'] },
];

/** tap runs every file of a folder that it is given by name, fixtures and all: it gets the tests alone. */
function testsBelow(path) {
  if (!existsSync(join(root, path))) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .flatMap((name) => testsBelow(join(path, name)))
    .filter((name) => name.endsWith('.test.ts'));
}

/** Runs tap on the paths; prints one line a test file and everything of a failed one. */
async function tap(paths, args) {
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/tap/dist/esm/run.mjs'), '--reporter=tap', ...args, ...paths],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } },
  );
  const count = { total: 0, pass: 0, fail: 0, skip: 0, todo: 0 };
  let block = [];
  let hidden = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const sum = /^# \{ (total: .*) \}$/.exec(line);
    if (sum) {
      for (const [, key, value] of sum[1].matchAll(/(\w+): (\d+)/g)) count[key] += Number(value);
    } else if (/^(not )?ok /.test(line)) {
      if (line.startsWith('not ')) console.log(block.join('\n'));
      console.log(line);
      block = [];
    } else if (/^\s*ok \d+ .*(?<!\\)# SKIP/.test(line)) {
      console.log(line.trim());
      // CI has root and every package of the list: only what takes hours (DDE_LONG=1), and a second SQL engine, may be left out.
      if (process.env.CI === 'true' && !/DDE_LONG|DDE_CHDB/.test(line)) {
        console.log(`not ok - skipped in CI: ${line.trim()}`);
        hidden++;
      }
    } else {
      block.push(line);
    }
  }
  const status = await new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode ?? 1);
    else child.once('exit', (code) => resolve(code ?? 1));
  });
  count.fail += hidden;
  // A runner that dies without a count must not pass.
  if (status !== 0 && count.fail === 0) count.fail = 1;
  return count;
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
  const parts =
    files.length > 0 ? [{ name: 'given', paths: files.flatMap(testsBelow), args: ['--timeout=900'] }] : PARTS;
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
    const count = await timed(part.name, () => tap(paths, part.args));
    skipped += count.skip + count.todo;
    failed += count.fail;
    passed += Math.max(0, count.total - count.fail - count.skip - count.todo);
  }
  console.log(`times: ${times.join(', ')}`);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed > 0 || passed === 0 ? 1 : 0;
});
