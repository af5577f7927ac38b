// SPDX-License-Identifier: MIT
// An export is there whole or not at all, whatever happens to it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { lengthen } from '../../../profiler/bench/lengthen.js';
import { fileSink } from '../../../profiler/export/index.js';
import { openTrace } from '../../../tracer/decode/index.js';
import { cli, toolCommand } from '../../fixtures/cli.js';
import { makeTrace } from '../../tracer/support/make-trace.js';

const dir = t.testdir({});
const one = await makeTrace(dir, { args: ['--threads', 3, '--switches', 2000, '--burst', 40], ringBytes: 64 << 20 });
const trace = openTrace(one);
const { recorded } = trace.totals;
trace.close();
/** Of several parts; its export takes seconds. */
const long = join(dir, 'long.ddet');
lengthen(one, long, Math.ceil(3e6 / recorded));

const parts = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.part'));

/** An export in the midst of its second part. */
async function underWay(out: string): Promise<ChildProcess> {
  const folder = join(out, '..');
  const child = spawn(toolCommand[0], [...toolCommand.slice(1), 'export', long, '-o', out], { stdio: 'ignore' });
  const end = Date.now() + 120_000;
  while (parts(folder).length < 2) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} before it could be ended`);
    if (Date.now() > end) throw new Error('no second part within two minutes');
    await new Promise((done) => setTimeout(done, 2));
  }
  return child;
}

async function ended(t: Test, signal: NodeJS.Signals): Promise<{ folder: string; code: unknown; signal: unknown }> {
  const folder = t.testdir({});
  const out = join(folder, 'x.speedscope.json');
  const child = await underWay(out);
  for (const name of parts(folder)) t.equal(statSync(join(folder, name)).mode & 0o777, 0o600, 'for the owner only');
  child.kill(signal);
  const [code, by] = await once(child, 'exit');
  t.strictSame(
    readdirSync(folder).filter((name) => !name.endsWith('.part')),
    [],
    'nothing that looks like an export',
  );
  return { folder, code, signal: by };
}

t.test('kill -9', async (t) => {
  const { folder, signal } = await ended(t, 'SIGKILL');
  t.equal(signal, 'SIGKILL');
  const left = parts(folder);
  t.ok(left.length > 0, 'what was written is called .part');
  const again = await cli(['export', long, '-o', join(folder, 'x.speedscope.json')]);
  t.equal(again.code, 0, again.stderr);
  const files = again.stdout.split('\n');
  t.ok(files.length > 2);
  for (const file of files) t.ok(JSON.parse(readFileSync(file, 'utf8')), file);
  t.strictSame(parts(folder), [], 'the next export takes the place of what was left');
});

t.test('Ctrl-C', async (t) => {
  const { folder, code } = await ended(t, 'SIGINT');
  t.equal(code, 130);
  t.strictSame(readdirSync(folder), [], 'nothing is left');
});

t.test('a fault midway', async (t) => {
  const folder = t.testdir({ 'x.json': 'old' });
  const sink = fileSink(join(folder, 'x.json'), 'json');
  sink.open({ index: 1, count: 2 }).end();
  sink.open({ index: 2, count: 2 }).write(Buffer.from('{'));
  sink.discard();
  const other = fileSink(join(folder, 'x.json'), 'json');
  other.open().write(Buffer.from('new'));
  t.equal(readFileSync(join(folder, 'x.json'), 'utf8'), 'old', 'an older export stays until the end');
  other.commit();
  other.discard();
  t.strictSame(readdirSync(folder), ['x.json']);
  t.equal(readFileSync(join(folder, 'x.json'), 'utf8'), 'new');
  t.equal(statSync(join(folder, 'x.json')).mode & 0o777, 0o600);
  t.throws(() => fileSink(join(folder, 'none', 'x.json'), 'json').open(), { code: 'ENOENT' });
});

t.test('a full disk', async (t) => {
  const folder = t.testdir({});
  const limit = ['-c', 'ulimit -f 2000; trap "" XFSZ; exec "$@"', 'sh', ...toolCommand, 'export', long];
  const child = spawn('sh', [...limit, '-o', join(folder, 'x.json')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  t.equal(code, 10, stderr);
  t.match(stderr, /EFBIG/);
  t.strictSame(readdirSync(folder), []);
});

t.test('links and pipes', async (t) => {
  const folder = t.testdir({ real: {} });
  writeFileSync(join(folder, 'real', 'y.json'), 'old');
  symlinkSync('real/y.json', join(folder, 'y.json'));
  t.equal((await cli(['export', one, '-o', join(folder, 'y.json')])).code, 0);
  t.ok(JSON.parse(readFileSync(join(folder, 'real', 'y.json'), 'utf8')), 'a link is followed');
  t.equal((await cli(['export', one, '-o', '/dev/null'])).code, 0);
  t.ok(statSync('/dev/null').isCharacterDevice(), 'a device is written to, not replaced');
  const html = join(folder, 'r.html');
  t.equal((await cli(['report', one, '--html', html])).code, 0);
  t.ok(existsSync(html) && !existsSync(`${html}.part`));
});
