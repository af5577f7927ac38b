// SPDX-License-Identifier: MIT
// Runs files of tests side by side and counts what they say. Each is a process of its own, of what tsc has compiled, without loaders:
// tap's own runner compiles each file and all that it imports anew, which takes longer than most of them run.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './bootstrap.mjs';

/** Runs one test file, as tsc has compiled it: a loader that compiles it anew costs more than many a test. Gives what it wrote. */
async function runFile(path, seconds) {
  const compiled = resolve(root, 'dist', path.replace(/\.ts$/, '.js'));
  const named = join(root, 'test/fixtures/as-source.mjs');
  const started = performance.now();
  const child = spawn(process.execPath, ['--enable-source-maps', '--import', named, compiled], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC', TAP: '1', TAP_TIMEOUT: String(seconds) },
  });
  // The test ends itself at its time, and says where it stood; it may be too busy for that.
  const timers = [
    setTimeout(() => child.kill('SIGTERM'), (seconds + 10) * 1000),
    setTimeout(() => child.kill('SIGKILL'), (seconds + 30) * 1000),
  ];
  const lines = [];
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  // A process that it has left behind may hold its end of the pipe for ever.
  ended.then(() => timers.push(setTimeout(() => child.stdout.destroy(), 5000)));
  const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await Promise.all([ended, new Promise((resolve) => child.stdout.once('close', resolve))]);
  reader.close();
  const end = await ended;
  for (const timer of timers) clearTimeout(timer);
  return { path, lines, end, ms: Math.round(performance.now() - started) };
}

/** Counts the assertions of a file; prints a line about it, what it skipped, and everything that it wrote if it failed. */
function judge({ path, lines, end, ms }, count) {
  const own = { total: 0, pass: 0, fail: 0, skip: 0, todo: 0 };
  const skipped = [];
  let summed = false;
  for (const line of lines) {
    const sum = /^# \{ (total: .*) \}$/.exec(line);
    if (sum) {
      summed = true;
      for (const [, key, value] of sum[1].matchAll(/(\w+): (\d+)/g)) own[key] += Number(value);
    } else if (/^\s*ok \d+ .*(?<!\\)# SKIP|^1\.\.0 # /.test(line)) skipped.push(line.trim());
  }
  // CI has root and every package of the list: only what takes hours (DDE_LONG=1), and a second SQL engine, may be left out.
  const forbidden = process.env.CI === 'true' ? skipped.filter((line) => !/DDE_LONG|DDE_CHDB/.test(line)) : [];
  own.fail += forbidden.length;
  // One that dies, or that ends without having tested anything, must not pass.
  if (own.fail === 0 && (end !== 0 || (!summed && skipped.length === 0))) own.fail = 1;
  if (own.fail > 0) console.log([...lines, `# ended with ${end}`].join('\n'));
  for (const line of skipped) console.log(line);
  for (const line of forbidden) console.log(`not ok - skipped in CI: ${line}`);
  console.log(`${own.fail > 0 ? 'not ok' : 'ok'} - ${path} # time=${ms}ms`);
  for (const key of Object.keys(count)) count[key] += own[key];
}

/** What each file took when it last ran here, in ms. */
const TIMES = join(root, 'build/test-times.json');

function lastTimes() {
  try {
    return JSON.parse(readFileSync(TIMES, 'utf8'));
  } catch {
    return {};
  }
}

/** The longest first, so that none of them is left for the end: as the last run told, and on a new machine by the length of its text. */
function longestFirst(paths) {
  const times = lastTimes();
  const guess = (path) => times[path] ?? statSync(resolve(root, path)).size * 5;
  return paths
    .map((path) => [path, guess(path)])
    .sort(([, a], [, b]) => b - a)
    .map(([path]) => path);
}

/** Of files of the project, beside what others have told meanwhile. */
function remember(results) {
  const own = results.filter(({ path }) => !isAbsolute(path)).map(({ path, ms }) => [path, ms]);
  mkdirSync(dirname(TIMES), { recursive: true });
  writeFileSync(TIMES, JSON.stringify({ ...lastTimes(), ...Object.fromEntries(own) }, undefined, 1));
}

/** Runs the files, `jobs` at a time, and counts. A path that is absolute is not looked for in dist. */
export async function runFiles(paths, { jobs, seconds }) {
  const count = { total: 0, pass: 0, fail: 0, skip: 0, todo: 0 };
  const waiting = longestFirst(paths);
  const results = [];
  const worker = async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const result = await runFile(path, seconds);
      results.push(result);
      judge(result, count);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  remember(results);
  return count;
}
