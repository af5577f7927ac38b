// SPDX-License-Identifier: MIT
// query, script and export --format parquet as a user has them: results, caches, faults, exit codes, nothing half-written.

import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { lengthen } from '../../../profiler/bench/lengthen.js';
import { cli, root, toolCommand } from '../../fixtures/cli.js';
import { makeTrace } from '../../tracer/support/make-trace.js';

const dir = t.testdir();
const sites = Array.from({ length: 64 }, (_, i) => ({
  i,
  kind: i % 2 === 0 ? 'driver' : 'api',
  name: `f${i}`,
  addr: 4096 + i * 64,
}));
const trace = await makeTrace(dir, { metadata: { driver: 'synthetic', sites } });
const cache = join(dir, 'cache');
const env = { DDE_PROFILE_CACHE: cache };
const cached = (): string[] => (existsSync(join(cache, 'query')) ? readdirSync(join(cache, 'query')) : []);

t.test('a question, its formats, the second time', async (t) => {
  const sql = 'SELECT kind, n FROM (SELECT category AS kind, count(*) AS n FROM slice GROUP BY ALL) ORDER BY n DESC';
  const first = await cli(['query', trace, sql, '--format', 'csv'], { env });
  t.equal(first.code, 0, first.stderr);
  t.match(first.stdout, /^kind,n\n/);
  t.equal(cached().length, 1);
  const made = statSync(join(cache, 'query', cached()[0] as string, 'table=slice/part-0.parquet')).mtimeMs;
  const empty = await cli(['query', trace, "SELECT name FROM slice WHERE name = 'none of these'"], { env });
  t.equal(empty.code, 0, empty.stderr);
  t.match(empty.stderr, /^no rows$/m, 'a question without an answer says so');
  // The same content under another name.
  cpSync(trace, join(dir, 'copy.ddet'));
  const second = await cli(['query', join(dir, 'copy.ddet'), sql, '--format', 'csv'], { env });
  t.equal(second.stdout, first.stdout);
  t.equal(cached().length, 1);
  t.equal(
    statSync(join(cache, 'query', cached()[0] as string, 'table=slice/part-0.parquet')).mtimeMs,
    made,
    'not made again',
  );
  const report = (await cli(['report', trace, '--by', 'functions,threads', '--json'], { env })).json<{
    overview: { calls: number };
  }>();
  const [sum] = (
    await cli(
      [
        'query',
        trace,
        `SELECT count(*)::INT AS n FROM slice WHERE category IN ('driver', 'kernel API', 'Linux core')`,
        '--json',
      ],
      { env },
    )
  ).json<{ n: number }[]>();
  t.equal(sum?.n, report.overview.calls);
  const file = join(dir, 'out.parquet');
  t.equal((await cli(['query', trace, 'SELECT 42 AS n', '-o', file], { env })).code, 0);
  t.equal(readFileSync(file).subarray(0, 4).toString(), 'PAR1');
  writeFileSync(join(dir, 'q.sql'), '-- a comment\nSELECT 6 * 7 AS n;\n');
  t.same((await cli(['query', trace, '-f', join(dir, 'q.sql'), '--json'], { env })).json(), [{ n: 42 }]);
  const part = await cli(
    ['query', trace, 'SELECT count(*) AS n FROM slice', '--from', '1us', '--to', '1ms', '--json'],
    { env },
  );
  t.equal(part.code, 0, part.stderr);
  t.equal(cached().length, 2, 'a part has tables of its own');
});

t.test('faults and their exit codes', async (t) => {
  const broken = join(dir, 'broken.ddet');
  writeFileSync(broken, 'no trace at all, though it has some length');
  const cut = join(dir, 'cut.ddet');
  cpSync(trace, cut);
  truncateSync(cut, Math.floor(statSync(trace).size / 2));
  for (const [args, code, text] of [
    [[trace, 'SELECT 1 +'], 2, /line 1/],
    [[trace, 'SELECT * FROM nowhere'], 2, /nowhere/],
    [[trace, `COPY (SELECT 1) TO '${dir}/stolen.csv'`], 2, /not allowed/],
    [[trace, `SELECT * FROM read_csv('/etc/passwd')`], 2, /\/etc\/passwd/],
    [[trace, 'SELECT 1', '--format', 'parquet'], 2, /needs a file/],
    [[trace, '-f', join(dir, 'missing.sql')], 10, /missing.sql/],
    [[trace, '--examples', 'no-such'], 2, /no example/],
    [[join(dir, 'missing.ddet'), 'SELECT 1'], 9, /missing.ddet/],
    [[broken, 'SELECT 1'], 9, /broken.ddet/],
    [[cache, 'SELECT 1'], 9, /no recordings/],
    [[trace, 'SELECT 1', '-o', '/dev/full'], 10, /ENOSPC/],
  ] as const) {
    const end = await cli(['query', ...args], { env });
    t.equal(end.code, code, `${args.join(' ')}: ${end.stderr}`);
    t.match(end.stderr, text);
  }
  t.notOk(existsSync(join(dir, 'stolen.csv')));
  const half = await cli(['query', cut, 'SELECT complete, events > 0 AS some FROM recording_info', '--json'], { env });
  t.same(half.json(), [{ complete: 0, some: true }], 'a recording that was cut short holds what it holds');
});

t.test('folders of recordings', async (t) => {
  const out = join(dir, 'set');
  for (const file of [trace, join(dir, 'copy.ddet'), trace]) {
    const end = await cli(['export', file, '--format', 'parquet', '-o', out, '--json'], { env });
    t.equal(end.code, 0, end.stderr);
  }
  t.equal(
    readdirSync(out).filter((name) => name.startsWith('recording=')).length,
    2,
    'again: in place of the one before',
  );
  t.equal(readdirSync(out).length, 2);
  const counts = (
    await cli(['query', out, 'SELECT recording, count(*) AS n FROM slice GROUP BY ALL ORDER BY ALL', '--json'], { env })
  ).json<{ recording: string; n: number }[]>();
  t.match(
    counts.map(({ recording }) => recording),
    [/^copy-[0-9a-f]{8}$/, /^trace-[0-9a-f]{8}$/],
  );
  t.equal(counts[0]?.n, counts[1]?.n);
  const both = join(dir, 'both');
  mkdirSync(both);
  for (const name of ['a', 'b']) cpSync(trace, join(both, `${name}.ddet`));
  const joined = await cli(
    ['query', both, 'SELECT recording, count(*) AS n FROM thread_slice GROUP BY ALL ORDER BY ALL', '--json'],
    { env },
  );
  t.same(
    joined.json<{ recording: string; n: number }[]>().map(({ recording, n }) => [recording, n]),
    [
      ['a', counts[0]?.n],
      ['b', counts[0]?.n],
    ],
  );
  t.match(await cli(['export', trace, '--format', 'parquet', '-o', '-'], { env }), { code: 2 });
  t.match(await cli(['export', trace, '--format', 'parquet', '-o', trace], { env }), {
    code: 2,
    stderr: /not a folder/,
  });
});

t.test('a full disk, Ctrl-C, kill -9: nothing half-written', async (t) => {
  const long = join(dir, 'long.ddet');
  lengthen(trace, long, 1000);
  const before = cached();
  const out = join(dir, 'full');
  const limit = ['-c', 'ulimit -f 20; trap "" XFSZ; exec "$@"', 'sh', ...toolCommand];
  for (const args of [
    ['query', long, 'SELECT 1'],
    ['export', long, '--format', 'parquet', '-o', out],
  ]) {
    const end = await execa('sh', [...limit, ...args], { reject: false, env });
    t.equal(end.exitCode, 10, end.stderr);
    t.match(end.stderr, /EFBIG|File too large/);
  }
  t.strictSame(cached(), before);
  t.strictSame(existsSync(out) ? readdirSync(out) : [], []);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGKILL', null],
  ] as const) {
    const child = spawn(toolCommand[0], [...toolCommand.slice(1), 'query', long, 'SELECT 1'], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    const end = new Promise((resolve) => child.once('exit', resolve));
    // In the midst of it: the first rows are on the disk.
    const writing = (): boolean =>
      cached().some((name) => name.startsWith('.new-') && existsSync(join(cache, 'query', name, 'table=slice')));
    for (let i = 0; i < 3000 && !writing(); i++) await new Promise((r) => setTimeout(r, 20));
    child.kill(signal);
    t.equal(await end, code, signal);
    if (signal === 'SIGINT') t.strictSame(cached(), before);
  }
  t.equal((await cli(['query', trace, 'SELECT 1 AS n', '--from', '2us'], { env })).code, 0);
  t.notOk(
    cached().some((name) => name.startsWith('.')),
    'the next one clears away what was killed',
  );
});

t.test('the API in a folder of its own, after npm pack', async (t) => {
  const fresh = join(dir, 'fresh');
  const installed = join(fresh, 'node_modules/dde-profile');
  mkdirSync(installed, { recursive: true });
  const packed = await execa('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', fresh], {
    cwd: root,
    env: { NODE_OPTIONS: '' },
  });
  await execa('tar', ['xzf', join(fresh, packed.stdout.trim()), '--strip-components=1', '-C', installed]);
  cpSync(join(root, 'samples/query/call-gaps.mjs'), join(fresh, 'call-gaps.mjs'));
  const [most] = (
    await cli(
      ['query', trace, 'SELECT name, count(*)::INT AS n FROM slice GROUP BY ALL ORDER BY n DESC LIMIT 1', '--json'],
      { env },
    )
  ).json<{ name: string; n: number }[]>();
  const end = await execa(process.execPath, ['call-gaps.mjs', trace, most?.name ?? ''], {
    cwd: fresh,
    reject: false,
    env: { NODE_OPTIONS: '' },
  });
  t.equal(end.exitCode, 0, end.stderr);
  t.match(end.stdout, new RegExp(`^${most?.name}: ${most?.n} calls\n`));
});

t.test('scripts', async (t) => {
  const samples = join(root, 'samples/query');
  const table = await cli(['script', trace, join(samples, 'dma-by-caller.mjs')], { env });
  t.equal(table.code, 0, table.stderr);
  t.match(table.stdout, /Bytes mapped/);
  const none = await cli(['script', trace, join(samples, 'slow-softirq.mjs'), '--json', '--', '1000000000000'], {
    env,
  });
  t.equal(none.code, 0);
  t.same(none.json()['findings'], []);
  writeFileSync(
    join(dir, 'finds.mjs'),
    `export const on = {}; export const end = () => ({ findings: [{ kind: 'x', severity: 'error', title: 'y' }] });`,
  );
  t.match(await cli(['script', trace, join(dir, 'finds.mjs')], { env }), { code: 1, stdout: /error: y/ });
  for (const [name, text, says] of [
    ['syntax.mjs', 'export const on = {', /SyntaxError/],
    ['none.mjs', 'export const off = {};', /exports no `on`/],
    ['event.mjs', `export const on = { 'dma:nope': () => {} };`, /no event "dma:nope"/],
    ['throws.mjs', `export const on = { 'entry:*': () => { throw new Error('mine'); } };`, /mine/],
    [
      'result.mjs',
      'export const on = {}; export const end = () => ({ tables: 3 });',
      /end\(\) returns is no result: tables/,
    ],
  ] as const) {
    writeFileSync(join(dir, name), text);
    t.match(await cli(['script', trace, join(dir, name)], { env }), { code: 2, stderr: says }, name);
  }
});
