// SPDX-License-Identifier: MIT
// A recording takes its name when it holds something; what had that name before is kept as FILE.old.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { AsideFile, writeAside } from '../../../profiler/record/aside.js';
import { openTrace } from '../../../tracer/decode/index.js';
import { cli, fakeBuild } from '../../fixtures/cli.js';
import { fakeRecorded } from '../../fixtures/fake-recorded.js';
import { fakeRunning } from '../../fixtures/fake-running.js';

function place(t: { readonly testdirName: string }, name: string): string {
  const dir = join(t.testdirName, name);
  mkdirSync(dir, { recursive: true });
  return dir;
}

t.test('the file itself', async (t) => {
  const dir = t.testdir({ 'x.ddet': 'old', real: {}, folder: {} });
  const file = join(dir, 'x.ddet');
  const first = new AsideFile(file);
  writeFileSync(first.path, 'half');
  first.discard();
  t.equal(readFileSync(file, 'utf8'), 'old', 'given up: the old one stays');
  const second = new AsideFile(file);
  writeFileSync(second.path, 'new');
  second.commit();
  second.discard();
  t.equal(readFileSync(file, 'utf8'), 'new');
  t.equal(readFileSync(`${file}.old`, 'utf8'), 'old');
  writeFileSync(join(dir, 'real/y.ddet'), 'old');
  symlinkSync('real/y.ddet', join(dir, 'y.ddet'));
  writeAside(join(dir, 'y.ddet'), (path) => writeFileSync(path, 'new'));
  t.equal(readFileSync(join(dir, 'real/y.ddet'), 'utf8'), 'new', 'a link is followed');
  writeAside('/dev/null', (path) => t.equal(path, '/dev/null'));
  t.ok(statSync('/dev/null').isCharacterDevice());
  t.throws(() => new AsideFile(join(dir, 'folder')), { code: 'ERR_DDE_OUTPUT', message: /is a folder/ });
  t.throws(
    () =>
      writeAside(file, () => {
        throw new Error('no');
      }),
    { message: 'no' },
  );
  t.notOk(existsSync(`${file}.part`));
});

t.test('record: a start that fails destroys nothing', async (t) => {
  t.testdir({});
  const build = fakeBuild(place(t, 'build'));
  const dir = place(t, 'out');
  const file = join(dir, 'x.ddet');
  writeFileSync(file, 'the recording of last week');
  for (const fault of ['exit=5', 'crash']) {
    const end = await cli(['record', build, '-o', file, '--', 'ping'], { env: { FAKE_DRIVER: fault } });
    t.not(end.code, 0);
    t.equal(readFileSync(file, 'utf8'), 'the recording of last week', fault);
    t.strictSame(readdirSync(dir), ['x.ddet']);
  }
  const recorded = fakeRecorded(place(t, 'recorded'));
  const end = await cli(['record', recorded, '-o', file, '--', 'ping']);
  t.equal(end.code, 0, end.stderr);
  t.strictSame(readdirSync(dir).sort(), ['x.ddet', 'x.ddet.old']);
  t.equal(readFileSync(`${file}.old`, 'utf8'), 'the recording of last week');
  const trace = openTrace(file);
  t.ok(trace.totals.recorded > 100, `${trace.totals.recorded} events`);
  trace.close();
});

t.test('attach keeps the file of before, too', async (t) => {
  t.testdir({});
  const running = await fakeRunning(place(t, 'running'));
  t.teardown(() => running.stop());
  const dir = place(t, 'out');
  const file = join(dir, 'x.ddet');
  writeFileSync(file, 'old');
  const end = await cli(['attach', String(running.pid), '-o', file, '--duration', '300ms', '--json']);
  t.equal(end.code, 0, end.stderr);
  t.ok(end.json<{ trace: { recorded: number } }>().trace.recorded > 0);
  t.strictSame(readdirSync(dir).sort(), ['x.ddet', 'x.ddet.old']);
  const none = await cli(['attach', String(running.pid), '-o', '/nowhere/x.ddet', '--duration', '300ms']);
  t.equal(none.code, 10);
  t.match(none.stderr, /\/nowhere\/x\.ddet: /, 'the name that the user gave');
});

t.test('a flight recorder that cannot write: the driver goes on, and the exit code says why', async (t) => {
  t.testdir({});
  const dir = place(t, 'out');
  // Its folder goes away in the midst of the run, as a full disk cannot be had without a mount.
  const warning = 'echo "WARNING: CPU: 0 PID: 1 at kernel/dma/mapping.c:533 0x0000000000401000" >&2; sleep 0.3';
  const build = fakeRecorded(place(t, 'build'), { before: `[ -n "$KEEP" ] || rm -r ${dir}; ${warning}` });
  const words = ['record', build, '--mode', 'overwrite', '-o', join(dir, 'x.ddet'), '--json', '--', 'ping'];
  const end = await cli(words);
  t.equal(end.code, 10, end.stderr);
  const json = end.json<{ results: unknown[]; trace: { error: string } }>();
  t.equal(json.results.length, 1, 'the workload came to its end');
  t.match(json.trace.error, /x.*\.ddet: /);
  t.match(end.stderr, /no snapshot: .*; the driver goes on/);
  t.equal((await cli(words)).code, 10, 'a folder that is not there is told at once');
  mkdirSync(dir);
  const good = await cli(words, { env: { KEEP: '1' } });
  t.equal(good.code, 0, good.stderr);
  t.strictSame(readdirSync(dir).sort(), ['x.ddet', 'x.warning1.ddet']);
});
