// SPDX-License-Identifier: MIT
// What each verb writes with --json has the form that is published, errors included.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { VERBS } from '../../../profiler/cli/program.js';
import { SCHEMAS } from '../../../profiler/cli/schemas/index.js';
import { SCHEMA_FOLDER, schemaFiles } from '../../../profiler/cli/schemas/write.js';
import { cli, fakeBuild } from '../../fixtures/cli.js';
import { fakeRecorded } from '../../fixtures/fake-recorded.js';
import { fakeRunning } from '../../fixtures/fake-running.js';

t.setTimeout(300_000);

t.test('published: one file a verb, as the code says', async (t) => {
  for (const verb of Object.keys(VERBS)) t.ok(Object.hasOwn(SCHEMAS, verb), verb);
  const files = schemaFiles();
  t.strictSame(readdirSync(SCHEMA_FOLDER).sort(), [...files.keys()].sort(), 'npm run gen:schemas');
  for (const [name, text] of files) t.equal(readFileSync(join(SCHEMA_FOLDER, name), 'utf8'), text, name);
});

function check(t: Test, verb: string, text: string, what: string): void {
  // One object a line; an error is one object over several lines.
  const lines =
    (verb === 'events' || verb === 'top') && !text.startsWith('{\n') ? text.trimEnd().split('\n').slice(0, 50) : [text];
  for (const line of lines) {
    const value: unknown = JSON.parse(line);
    const parsed = SCHEMAS[verb]?.safeParse(value);
    if (parsed?.success !== true)
      return void t.fail(
        `${what}: ${parsed === undefined ? 'no schema' : z.prettifyError(parsed.error)}\n${line.slice(0, 500)}`,
      );
  }
  t.pass(what);
}

t.test('results', async (t) => {
  const dir = t.testdir({});
  for (const name of ['build', 'recorded', 'running', 'out']) mkdirSync(join(dir, name));
  const build = fakeBuild(join(dir, 'build'));
  const recorded = fakeRecorded(join(dir, 'recorded'));
  const running = await fakeRunning(join(dir, 'running'));
  t.teardown(() => running.stop());
  const pid = String(running.pid);
  const file = join(dir, 'out/x.ddet');
  const empty = { DDE_PROFILE_CACHE: join(dir, 'cache') };
  const runs: readonly [verb: string, args: readonly string[], env?: Record<string, string>][] = [
    ['doctor', []],
    ['list', []],
    ['build', [build]],
    ['cache', ['--prune'], empty],
    ['list', ['--pci']],
    ['run', [build, '--', 'ping']],
    ['record', [recorded, '-o', file, '--', 'ping']],
    ['record', [recorded, '-o', join(dir, 'out/f.ddet'), '--mode', 'overwrite', '--', 'ping']],
    ['ps', []],
    ['attach', [pid, '-o', join(dir, 'out/a.ddet'), '--duration', '200ms']],
    ['top', [pid, '--once', '--interval', '300ms']],
    ['report', [file]],
    ['report', [file, '--findings']],
    ['events', [file]],
    ['diff', [file, file]],
    ['export', [file, '-o', join(dir, 'out/x.json')]],
    ...['run', 'record', 'attach', 'control', 'top', 'report', 'export', 'list'].map((verb): [string, string[]] => [
      verb,
      ['--list'],
    ]),
  ];
  for (const [verb, args, env = {}] of runs) {
    const at = args.indexOf('--');
    const full = at < 0 ? [...args, '--json'] : [...args.slice(0, at), '--json', ...args.slice(at)];
    const end = await cli([verb, ...full], { env });
    t.ok([0, 3].includes(end.code ?? -1), `${verb}: ${end.code} ${end.stderr.slice(-300)}`);
    check(t, verb, end.stdout, `${verb} ${args.join(' ').replaceAll(dir, '')}`);
  }
  const csv = await cli(['report', file, '--by', 'threads', '--csv']);
  t.match(csv.stdout, /^name,tid,role/, csv.stderr);
  const newest = await cli(['report', '--by', 'threads'], { cwd: join(dir, 'out') });
  t.equal(newest.code, 0);
  t.match(newest.stderr, /reading a\.ddet/);
  const nothing = await cli(['events', file, '--match', 'no:such']);
  t.match(nothing.stderr, /no matching events/);
  t.equal((await cli(['report', file, '--thread', 'nosuch'])).code, 2);
});

t.test('errors: of use, and others', async (t) => {
  const dir = t.testdir({});
  const wrong: readonly [verb: string, args: readonly string[], code: number][] = [
    ['run', [], 2],
    ['run', ['/nowhere'], 2],
    ['record', ['x', '--depth', '0'], 2],
    ['report', ['--by', 'nonsense'], 2],
    ['report', ['/nowhere.ddet'], 9],
    ['events', ['/nowhere.ddet'], 9],
    ['diff', ['a'], 2],
    ['export', ['x', '--format', 'nonsense'], 2],
    ['attach', ['nonsense'], 2],
    ['control', ['1'], 5],
    ['top', ['1'], 5],
    ['ps', ['--nonsense'], 2],
    ['build', [join(dir, 'nothing')], 2],
    ['bind', ['nonsense', '--to', 'uio'], 2],
    ['bind', ['ff:1f.7', '--to', 'uio'], 5],
    ['unbind', ['ff:1f.7'], 5],
    ['peer', ['nonsense'], 2],
    ['restore', ['ff:1f.7'], 5],
  ];
  for (const [verb, args, code] of wrong) {
    const end = await cli([verb, ...args, '--json']);
    t.equal(end.code, code, `${verb} ${args.join(' ')}: ${end.stderr.slice(-200)}`);
    check(t, verb, end.stdout, `${verb} ${args.join(' ')}`);
    t.type(end.json<{ error: { message: string } }>().error.message, 'string');
  }
  check(t, 'error', (await cli(['nonsense', '--json'])).stdout, 'a verb that there is not');
});
