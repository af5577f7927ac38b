// SPDX-License-Identifier: MIT
// Reading a long recording takes no more memory than reading a short one, and loses nothing.
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { lengthen } from '../../../profiler/bench/lengthen.js';
import { openTrace } from '../../../tracer/decode/index.js';
import { main } from '../../fixtures/cli.js';
import { makeTrace } from '../../tracer/support/make-trace.js';

interface Report {
  readonly overview: { readonly accounting: Readonly<Record<'produced' | 'recorded' | 'lost' | 'corrupt', number>> };
  readonly reports: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

const PEAK = 'process.on("exit",()=>process.stderr.write(`peak ${process.resourceUsage().maxRSS}`))';

async function report(file: string): Promise<{ readonly json: Report; readonly peakMb: number }> {
  // A heap too small for five million events, were they kept.
  const args = ['--max-old-space-size=64', `--import=data:text/javascript,${PEAK}`, main, 'report', file, '--json'];
  const end = await execa('env', ['-u', 'NODE_OPTIONS', process.execPath, ...args], { maxBuffer: 256 << 20 });
  const peak = /peak (\d+)$/.exec(end.stderr)?.[1];
  if (peak === undefined) throw new Error(end.stderr);
  return { json: JSON.parse(end.stdout) as Report, peakMb: Number(peak) / 1024 };
}

t.test('five million events', async (t) => {
  const dir = t.testdir({});
  const file = await makeTrace(dir, { args: ['--threads', 3, '--switches', 2000, '--burst', 40], ringBytes: 64 << 20 });
  const trace = openTrace(file);
  const { recorded, lost } = trace.totals;
  const threads = trace.threads.filter((thread) => thread.recorded > 0).length;
  trace.close();
  t.equal(lost, 0);
  const times = Math.ceil(5e6 / recorded);
  const long = join(dir, 'long.ddet');
  t.equal(lengthen(file, long, times), recorded * times);

  const one = await report(file);
  const many = await report(long);
  t.comment(`${recorded} events: ${one.peakMb.toFixed(0)} MB; ${recorded * times}: ${many.peakMb.toFixed(0)} MB`);
  t.ok(many.peakMb < one.peakMb + 60, `${many.peakMb} MB, one repetition ${one.peakMb} MB`);
  t.ok(many.peakMb < 300, 'far from what 5 million events would need');
  t.equal(many.json.overview.accounting.recorded, recorded * times);
  t.equal(many.json.overview.accounting.corrupt, 0);
  // One event a thread is given as lost between two repetitions, which makes them start anew.
  t.equal(many.json.overview.accounting.lost, (times - 1) * threads);
});
