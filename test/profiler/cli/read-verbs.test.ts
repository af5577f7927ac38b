// SPDX-License-Identifier: MIT
// The verbs that read a trace file, with a real one.
import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cli } from '../../fixtures/cli.js';
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

t.test('a file that is no trace', async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  writeFileSync(file, 'no');
  for (const args of [
    ['report', file, '--findings'],
    ['export', file, '-o', '-'],
  ]) {
    const end = await cli(args);
    t.equal(end.code, 9, String(args[0]));
    t.match(end.stderr, /x\.ddet/);
  }
});
