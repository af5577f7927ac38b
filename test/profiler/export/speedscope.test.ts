// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { findExporter, memorySink } from '../../../profiler/export/index.js';
import type { Profile } from '../../../profiler/model/index.js';
import { fuzzedProfile } from '../fixtures/fuzz.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { readSpeedscope } from '../fixtures/speedscope-reader.js';

const speedscope = findExporter('speedscope');
const FUZZED = Number(process.env['DDE_FUZZ'] ?? (process.env['DDE_LONG'] === '1' ? 10_000 : 600));

function exported(profile: Profile, maxEvents?: number, virtualCpu = false) {
  const sink = memorySink();
  const parts = maxEvents === undefined ? {} : { maxEvents, maxParts: 1000 };
  const result = speedscope.write(profile, sink, { virtualCpu, ...parts });
  return { result, files: sink.files.map((f) => readSpeedscope(f)), bytes: sink.files };
}

/** Time and own time of every function, as the first profile of all files shows them, against the model. */
function disagreements(profile: Profile, files: ReturnType<typeof exported>['files']): string[] {
  const out: string[] = [];
  for (const f of profile.frames.list) {
    if (f.kind === 'thread' || f.kind === 'blocked' || f.kind === 'gap') continue;
    const self = files.reduce((sum, file) => sum + (file.profiles[0]?.self[f.id] ?? 0), 0);
    const total = files.reduce((sum, file) => sum + (file.profiles[0]?.total[f.id] ?? 0), 0);
    if (self !== profile.stats.self[f.id]) out.push(`${f.name}: self ${self}, model ${profile.stats.self[f.id]}`);
    if (total !== profile.stats.total[f.id]) out.push(`${f.name}: total ${total}, model ${profile.stats.total[f.id]}`);
  }
  return out;
}

t.test('a network driver: all threads as a call tree, then each in time order, totals as in the model', async (t) => {
  const profile = profileFromTrace(networkTrace({ packets: 100 }).trace());
  const { files, result } = exported(profile);
  t.equal(files.length, 1);
  t.equal(result.files, 1);
  t.equal(files[0]?.name, 'e1000e ping');
  t.match(
    files[0]?.profiles.map((p) => p.name),
    ['e1000e ping: all threads, as a call tree', 'workload (1001)', 'kworker/0:1 (1002)'],
  );
  t.equal(
    result.records,
    files[0]?.profiles.reduce((sum, p) => sum + p.events, 0),
  );
  t.strictSame(disagreements(profile, files), []);
  const poll = profile.frames.list.find((f) => f.name === 'e1000e_poll');
  t.equal(files[0]?.frames[poll?.id ?? -1]?.file, 'driver/drivers/net/ethernet/intel/e1000e/netdev.c');
});

t.test('the virtual CPU in time order, on request: totals as in the model', async (t) => {
  const profile = profileFromTrace(networkTrace({ packets: 100 }).trace());
  const { files } = exported(profile, undefined, true);
  const [file] = files;
  t.match(
    file?.profiles.map((p) => p.name),
    ['e1000e ping: all threads, as a call tree', 'e1000e ping: virtual CPU (all threads)', 'workload (1001)'],
  );
  t.strictSame(disagreements(profile, files), []);
  if (file !== undefined) t.strictSame(disagreements(profile, [{ ...file, profiles: file.profiles.slice(1) }]), []);
});

t.test('cut into parts: an overview, and parts that together hold the same time', async (t) => {
  const profile = profileFromTrace(networkTrace({ packets: 400 }).trace());
  const { files, bytes } = exported(profile, 4000, true);
  t.ok(files.length > 4, `${files.length} files`);
  const [overview, ...parts] = files;
  for (const f of parts) {
    const events = f.profiles.reduce((sum, p) => sum + p.events, 0);
    t.ok(events <= 4200, `${events} events`);
  }
  t.strictSame(disagreements(profile, parts), [], 'the parts');
  t.strictSame(disagreements(profile, overview === undefined ? [] : [overview]), [], 'the overview');
  t.match(bytes[0]?.toString('utf8', 0, 300), /part 1 of \d+: overview/);
  t.match(bytes[1]?.toString('utf8', 0, 300), 'part 2 of');

  const threads = exported(profile, 4000).files;
  t.ok(threads.length < files.length, `${threads.length} files without the virtual CPU`);
  const calls = (list: typeof files, name: string): number =>
    list
      .slice(1)
      .reduce(
        (sum, f) => sum + (f.profiles.find((p) => p.name.startsWith(name))?.opens.reduce((a, b) => a + b) ?? 0),
        0,
      );
  t.ok(calls(threads, 'workload (1001)') >= (profile.threads.find((th) => th.tid === 1001)?.calls ?? 0));
  for (const f of threads.slice(1)) {
    const events = f.profiles.reduce((sum, p) => sum + p.events, 0);
    t.ok(events <= 4200, `${events} events`);
  }
});

t.test('no more parts than asked for, and a note of what is left out', async (t) => {
  const profile = profileFromTrace(networkTrace({ packets: 400 }).trace());
  const sink = memorySink();
  const { files, notes } = speedscope.write(profile, sink, { maxEvents: 4000, maxParts: 3 });
  t.equal(files, 3);
  t.equal(sink.files.length, 3);
  for (const f of sink.files) readSpeedscope(f);
  t.match(notes?.[0], /^in time order: the first 0\.\d+ s of 0\.\d+ s$/);
});

t.test('a recording too long for memory: all of it in the overview, its start in time order', async (t) => {
  const trace = networkTrace({ packets: 6000 }).trace();
  const whole = profileFromTrace(trace);
  const profile = profileFromTrace(trace, { maxEvents: 100_000 });
  t.ok(profile.timelineEnd < profile.duration);
  t.strictSame(profile.stats, whole.stats, 'reports lose nothing');
  const { files, result } = exported(profile);
  t.equal(files.length, 2);
  t.strictSame(disagreements(profile, files.slice(0, 1)), []);
  t.equal(result.notes?.length, 1);
});

t.test('the fields are those of the schema in the speedscope package', async (t) => {
  const root = dirname(createRequire(import.meta.url).resolve('speedscope/package.json'));
  const schema = JSON.parse(readFileSync(join(root, 'dist', 'release', 'file-format-schema.json'), 'utf8')) as {
    definitions: Record<string, { required?: string[]; properties?: Record<string, unknown> }>;
  };
  const profile = profileFromTrace(networkTrace({ packets: 5 }).trace());
  const sink = memorySink();
  speedscope.write(profile, sink);
  const file = JSON.parse(sink.files[0]?.toString('utf8') ?? '') as Record<string, unknown>;
  const check = (definition: string, value: Record<string, unknown>): void => {
    const d = Object.entries(schema.definitions).find(([name]) => name.endsWith(definition))?.[1];
    t.ok(d, definition);
    for (const r of d?.required ?? []) t.ok(r in value, `${definition}.${r}`);
    for (const k of Object.keys(value)) t.ok(k in (d?.properties ?? {}), `${definition} knows ${k}`);
  };
  check('File', file);
  const profiles = file['profiles'] as Record<string, unknown>[];
  check('EventedProfile', profiles[0] ?? {});
  check('Frame', (file['shared'] as { frames: Record<string, unknown>[] }).frames[0] ?? {});
});

t.test(`${FUZZED} broken recordings: never a file that speedscope refuses`, async (t) => {
  let refused = 0;
  let wrong = 0;
  for (let seed = 1; seed <= FUZZED; seed++) {
    const profile = fuzzedProfile(seed, 100 + (seed % 400));
    try {
      const { files } = exported(profile, seed % 3 === 0 ? 500 : undefined, seed % 2 === 0);
      for (const th of profile.threads) {
        if (th.onCpu < 0 || th.blocked < 0) wrong++;
      }
      if (files.length === 0) refused++;
    } catch (e) {
      refused++;
      if (refused < 5) t.comment(`seed ${seed}: ${String(e)}`);
    }
  }
  t.equal(refused, 0, 'refused');
  t.equal(wrong, 0, 'with negative times');
});
