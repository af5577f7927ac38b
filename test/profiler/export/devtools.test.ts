// SPDX-License-Identifier: MIT
// Chrome traces and CPU profiles in the loader of Chromium's own DevTools.

import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { findExporter, memorySink } from '../../../profiler/export/index.js';
import { mergedTree, type Profile, threadTrack } from '../../../profiler/model/index.js';
import { CHROMIUM } from '../fixtures/chromium.js';
import { DevToolsPage } from '../fixtures/devtools.js';
import { fuzzedProfile } from '../fixtures/fuzz.js';
import { networkTrace } from '../fixtures/network-driver.js';

const LONG = process.env['DDE_LONG'] === '1';
const FUZZED = Number(process.env['DDE_FUZZ'] ?? (LONG ? 1000 : 12));

function exported(profile: Profile, format: string): Buffer {
  const sink = memorySink();
  findExporter(format).write(profile, sink);
  return Buffer.concat(sink.files);
}

/** By name: from entry to exit, added up; and how many calls. */
function callTimes(profile: Profile): { calls: number; times: Record<string, number> } {
  const times: Record<string, number> = {};
  let calls = 0;
  for (const thread of profile.threads) {
    if (thread.calls === 0) continue;
    const open: { name: string; at: number }[] = [];
    threadTrack(thread).advance(Number.POSITIVE_INFINITY, {
      enter(at, f) {
        calls++;
        open.push({ name: profile.frames.get(f).name, at });
      },
      leave(at) {
        const top = open.pop();
        if (top !== undefined) times[top.name] = (times[top.name] ?? 0) + at - top.at;
      },
    });
  }
  return { calls, times };
}

function ownTimes(profile: Profile): Record<string, number> {
  const tree = mergedTree(profile);
  const times: Record<string, number> = {};
  for (let n = 1; n < tree.size; n++) {
    const { name } = profile.frames.get(tree.frame[n] as number);
    times[name] = (times[name] ?? 0) + (tree.self[n] as number);
  }
  return times;
}

/** What no function is, but a CPU profile shows. */
const ADDED = ['(idle)', '(events lost)'];

/** Names whose times differ by more than the rounding of doubles of microseconds. */
function differences(found: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>): string[] {
  const out: string[] = [];
  for (const [name, ns] of Object.entries(expected)) {
    if (ADDED.includes(name)) continue;
    const other = found[name] ?? 0;
    if (Math.abs(other - ns) > Math.max(100, ns * 1e-6)) out.push(`${name}: ${other} instead of ${ns}`);
  }
  return out;
}

t.test('DevTools', { skip: CHROMIUM === undefined ? 'no chromium' : false }, async (t) => {
  const page = await DevToolsPage.start(t.testdir());
  t.teardown(() => page.close());
  for (const loss of [false, true]) {
    const profile = profileFromTrace(networkTrace({ packets: 150, loss }).trace());
    const what = loss ? ', with lost events' : '';
    const trace = await page.load(exported(profile, 'chrome'));
    const { calls, times } = callTimes(profile);
    t.equal(trace.calls, calls, `a trace: every call${what}`);
    t.strictSame(differences(trace.times, times), [], `and the time of each function${what}`);
    t.equal(trace.threads, profile.threads.filter((x) => x.calls > 0).length);
    const cpu = await page.load(exported(profile, 'cpuprofile'));
    t.strictSame(differences(cpu.times, ownTimes(profile)), [], `a CPU profile: own time of each function${what}`);
    t.ok(cpu.calls > 100, `${cpu.calls} calls${what}`);
    t.equal(cpu.range, profile.duration, `shown from start to end${what}`);
  }
  let refused = 0;
  for (let seed = 1; seed <= FUZZED; seed++) {
    for (const format of ['chrome', 'cpuprofile']) {
      try {
        const profile = fuzzedProfile(seed);
        const { calls } = await page.load(exported(profile, format));
        if (format === 'chrome' && calls !== callTimes(profile).calls) throw new Error('another number of calls');
      } catch (e) {
        if (refused++ < 3) t.comment(`seed ${seed}, ${format}: ${String(e)}`);
      }
    }
  }
  t.equal(refused, 0, `${FUZZED} broken recordings in two formats`);
  await t.rejects(
    page.load(Buffer.from('{"traceEvents":[{"ph":"E","pid":1,"tid":1,"ts":5}]}')),
    'it does refuse what is wrong',
  );
});
