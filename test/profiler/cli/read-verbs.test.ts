// SPDX-License-Identifier: MIT
// The verbs that read a trace file, with a real one.
import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { cli, toolCommand } from '../../fixtures/cli.js';
import { makeTrace } from '../../tracer/support/make-trace.js';

interface Speedscope {
  readonly profiles: readonly { readonly events: readonly unknown[] }[];
}

t.test('report --findings', async (t) => {
  const file = await makeTrace(t.testdir({}));
  const text = await cli(['report', file, '--findings']);
  t.equal(text.code, 0);
  t.match(text.stdout, /^No findings\.|^(error|warning|note): /);
  const json = await cli(['report', file, '--findings', '--json']);
  t.ok(Array.isArray(json.json()['findings']));
});

t.test('export: to a file, and to a pipe as one document', async (t) => {
  const dir = t.testdir({});
  const file = await makeTrace(dir);
  const out = join(dir, 'x.speedscope.json');
  const one = await cli(['export', file, '-o', out, '--json']);
  t.equal(one.code, 0);
  t.match(one.json(), { format: 'speedscope', files: [out], notes: [] });
  const piped = await cli(['export', file, '-o', '-']);
  t.equal(piped.code, 0);
  const a = JSON.parse(readFileSync(out, 'utf8')) as Speedscope;
  t.strictSame(piped.json(), a, 'the same document');
  t.ok((a.profiles[0]?.events.length ?? 0) > 10);
});

t.test('events: lines of text and of JSON, by name and time', async (t) => {
  const file = await makeTrace(t.testdir({}));
  const text = await cli(['events', file]);
  t.equal(text.code, 0);
  const lines = text.stdout.trimEnd().split('\n');
  t.ok(lines.length > 10, `${lines.length} events`);
  t.ok(
    lines.every((line) => /^ +\d+\.\d{9} {2}\S.* [a-z_]+:[a-z0-9_]+( [a-z0-9_]+=.*)?$/.test(line)),
    String(lines[0]),
  );
  const all = (await cli(['events', file, '--json'])).stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { at: number; name: string; args: Record<string, unknown> });
  t.equal(all.length, lines.length);
  t.ok(
    all.every(({ at }, i) => i === 0 || at >= (all[i - 1]?.at ?? 0)),
    'in time order',
  );
  const name = all[0]?.name ?? '';
  const some = (await cli(['events', file, '--match', name])).stdout.trimEnd().split('\n');
  t.equal(some.length, all.filter((one) => one.name === name).length);
  const middle = all[all.length >> 1]?.at ?? 0;
  const late = (await cli(['events', file, '--json', '--from', `${middle - 1}ns`])).stdout.trimEnd().split('\n');
  const { at } = JSON.parse(late[0] ?? '{}') as { at: number };
  t.ok(at >= middle - 1 && at <= middle, 'times are those of the whole recording');
  t.equal((await cli(['events', file, '--match', 'no:such'])).stdout, '');
});

t.test('a reader that goes away is no fault', async (t) => {
  const file = await makeTrace(t.testdir({}));
  for (const words of ['report', 'export -o -']) {
    const [verb, ...more] = words.split(' ');
    const command = [...toolCommand, verb, file, ...more].map((word) => `'${word}'`).join(' ');
    const end = await execa('bash', ['-c', `set -o pipefail; ${command} | true`], { reject: false });
    t.equal(end.exitCode, 0, words);
    t.notMatch(end.stderr, /EPIPE/);
  }
});

t.test('a file that is no trace', async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  writeFileSync(file, 'no');
  for (const args of [
    ['report', file, '--findings'],
    ['export', file, '-o', '-'],
    ['events', file],
  ]) {
    const end = await cli(args);
    t.equal(end.code, 9, String(args[0]));
    t.match(end.stderr, /x\.ddet/);
  }
});
