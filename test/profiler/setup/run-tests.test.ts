// SPDX-License-Identifier: MIT
// What runs the tests: nothing that went wrong is counted as passed.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { projectRoot } from '../../../profiler/setup/root.js';

const runner = join(projectRoot, 'profiler/setup/run-tests.mjs');
// Where `import 'tap'` finds it.
const dir = join(projectRoot, 'build/test/run-tests', String(process.pid));
const TAP = "import t from 'tap';\n";

let made = 0;

interface Outcome {
  readonly count: { readonly total: number; readonly pass: number; readonly fail: number; readonly skip: number };
  readonly lines: readonly string[];
}

/** Runs files with these contents, two at a time. */
async function outcome(files: readonly string[], { ci = 'false', seconds = 60 } = {}): Promise<Outcome> {
  const paths = files.map(() => join(dir, `${made++}.test.mjs`));
  for (const [i, path] of paths.entries()) writeFileSync(path, files[i] as string);
  const script = `const { runFiles } = await import(${JSON.stringify(runner)});
    console.log(JSON.stringify(await runFiles(${JSON.stringify(paths)}, { jobs: 2, seconds: ${seconds} })));`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], { env: { CI: ci } });
  const lines = stdout.split('\n');
  return { count: JSON.parse(lines.pop() as string), lines };
}

mkdirSync(dir, { recursive: true });
t.teardown(() => rmSync(dir, { recursive: true, force: true }));
t.setTimeout(300_000);
// Most of it is waiting.
t.jobs = 4;

t.test('assertions are counted over all files', async (t) => {
  const { count, lines } = await outcome([
    `${TAP}t.equal(1, 1); t.test('inner', (t) => { t.ok(true); t.ok(true); t.end(); });`,
    `${TAP}t.ok(true);`,
    `${TAP}t.test('two', (t) => { t.ok(true); t.equal(1, 2, 'one is two'); t.end(); });`,
  ]);
  t.match(count, { total: 6, pass: 5, fail: 1 });
  t.ok(lines.some((line) => /^ok - .*\.test\.mjs # time=\d+ms$/.test(line)));
  t.ok(lines.some((line) => /^not ok - .*\.test\.mjs/.test(line)));
  t.ok(
    lines.some((line) => /not ok 2 - one is two/.test(line)),
    'what a failed file wrote is shown',
  );
  t.notOk(lines.some((line) => /inner/.test(line)));
});

t.test('a file that dies, says nothing, or does not end', async (t) => {
  const silent = 'export {};';
  const dies = `${TAP}t.test('x', async () => { t.ok(true); process.kill(process.pid, 'SIGKILL'); await new Promise(() => {}); });`;
  const throws = `${TAP}t.ok(true); throw new Error('after it');`;
  const syntax = 'this is no JavaScript';
  const hangs = `${TAP}t.test('never', async () => { await new Promise((resolve) => setTimeout(resolve, 600_000)); });`;
  const { count, lines } = await outcome([silent, dies, throws, syntax, hangs], { seconds: 3 });
  t.equal(lines.filter((line) => line.startsWith('not ok - ')).length, 5);
  t.equal(lines.filter((line) => line.startsWith('ok - ')).length, 0);
  t.ok(count.fail >= 5);
});

t.test('a process that is left behind does not hold up the others', async (t) => {
  const leaves = `${TAP}import { spawn } from 'node:child_process';
    const child = spawn('sleep', ['60'], { detached: true, stdio: ['ignore', 'inherit', 'ignore'] });
    child.unref(); t.ok(child.pid); process.on('exit', () => console.log('# left ' + child.pid)); t.fail('shows its output');`;
  const { count, lines } = await outcome([leaves, `${TAP}t.ok(true);`]);
  t.match(count, { total: 3, pass: 2, fail: 1 });
  const pid = Number(/^# left (\d+)$/.exec(lines.find((line) => line.startsWith('# left')) ?? '')?.[1]);
  t.ok(process.kill(pid, 'SIGKILL'), 'it was still there');
});

t.test('what is skipped is shown, and in CI is a failure', async (t) => {
  const file = `${TAP}t.test('no such machine', { skip: 'nothing here' }, () => {}); t.ok(true);`;
  const whole = `${TAP}t.plan(0, 'nothing at all');`;
  const here = await outcome([file, whole]);
  t.match(here.count, { pass: 1, fail: 0 });
  t.ok(here.lines.some((line) => /no such machine # SKIP nothing here/.test(line)));
  t.ok(here.lines.some((line) => /1\.\.0 # (SKIP )?nothing at all/.test(line)));
  const ci = await outcome([file, whole], { ci: 'true' });
  t.equal(ci.count.fail, 2);
  const long = await outcome([`${TAP}t.test('hours', { skip: 'DDE_LONG=1' }, () => {}); t.ok(true);`], { ci: 'true' });
  t.match(long.count, { pass: 1, fail: 0, skip: 1 });
});
