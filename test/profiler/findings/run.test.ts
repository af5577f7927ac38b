// SPDX-License-Identifier: MIT
// What a run tells beside its trace becomes findings, and joins those of the trace.
import t from 'tap';
import { findingsOfRun, since, withTold } from '../../../profiler/findings/index.js';
import type { Finding } from '../../../profiler/model/index.js';

const driverFiles = ['demo/main.c'];
const end = { exitCode: 0, events: [], results: [] };
const kinds = (list: readonly Finding[]) => list.map(({ kind }) => kind);

const SEGFAULT = (inner: string) =>
  `dde: the driver process got Segmentation fault (fault) at address (nil), in thread 'demo'
dde: stack of 'demo' (innermost first):
${inner}
demo_probe at main.c:30
really_probe at dd.c:600`.split('\n');

t.test('a run that ended well', async (t) => t.strictSame(findingsOfRun(end, [], { driverFiles }), []));

t.test("a crash is a finding at the driver's line", async (t) => {
  const crashed = { ...end, exitCode: 7, events: [{ type: 'crash', reason: 'Segmentation fault' }] };
  const [own, ...more] = findingsOfRun(crashed, SEGFAULT('demo_read at main.c:12'), { driverFiles });
  t.strictSame(more, [], 'one for all that is said about it');
  t.match(own, { kind: 'crash', evidence: [{ source: 'demo/main.c:12' }], hint: /on-crash gdb/ });
  const [foreign] = findingsOfRun(crashed, SEGFAULT('get_freepointer at slub.c:300'), { driverFiles });
  t.match(foreign, {
    kind: 'crash',
    evidence: [{ source: 'demo/main.c:30' }],
    hint: /corrupted.*check DRIVER --with slub-debug/,
  });
  t.strictSame(kinds(findingsOfRun({ ...end, exitCode: 7 }, [], { driverFiles })), ['crash'], 'nothing was said');
});

t.test('each exit code that blames the driver has a finding', async (t) => {
  const leak = { type: 'leak', kind: 'dma-streaming', caller: 'demo_fill at main.c:44' };
  t.match(findingsOfRun({ ...end, exitCode: 11, events: [leak, leak] }, [], { driverFiles }), [
    { kind: 'dma-leak', count: 2, evidence: [{ source: 'demo/main.c:44' }] },
  ]);
  t.strictSame(kinds(findingsOfRun({ ...end, exitCode: 8 }, [], { driverFiles })), ['hung']);
  t.strictSame(kinds(findingsOfRun({ ...end, exitCode: 5 }, [], { driverFiles })), ['probe-failed']);
  t.strictSame(kinds(findingsOfRun({ ...end, exitCode: 1 }, [], { driverFiles })), ['workload-failed']);
});

t.test('beside the findings of a trace', async (t) => {
  const one = (kind: string, title = kind): Finding => ({
    kind,
    title,
    severity: 'error',
    hint: '',
    count: 1,
    evidence: [],
  });
  t.strictSame(kinds(withTold([one('dma-leak')], [one('dma-leak', 'told'), one('crash')])), ['dma-leak', 'crash']);
  const warned = withTold([one('kernel-warning')], [one('kernel-warning', 'with its words')]);
  t.strictSame(
    warned.map(({ title }) => title),
    ['with its words'],
  );
});

t.test('times count from the beginning of the run', async (t) => {
  const evidence = [{ at: 5000, thread: '?', stack: [], text: '' }] as unknown as Finding['evidence'];
  const [moved] = since([{ kind: 'x', title: '', severity: 'error', hint: '', count: 1, evidence }], 2000);
  t.equal(moved?.evidence[0]?.at, 3000);
});
