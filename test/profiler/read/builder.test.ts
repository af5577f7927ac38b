// SPDX-License-Identifier: MIT
import t from 'tap';
import { mergedTree, type Profile, type Track, allTracks, threadTrack } from '../../../profiler/model/index.js';
import { emptyTopics, fuzzedProfile } from '../fixtures/fuzz.js';
import { ProfileBuilder } from '../../../profiler/read/index.js';

function done(b: ProfileBuilder): Profile {
  return b.finish({ title: 'test', complete: true }, emptyTopics(), []);
}

function stat(p: Profile, name: string) {
  const id = p.frames.list.find((f) => f.name === name)?.id ?? -1;
  const { calls, total, self, wall } = p.stats;
  return { calls: calls[id], total: total[id], self: self[id], wall: wall[id] };
}

function drawn(p: Profile, track: Track): string {
  const out: string[] = [];
  track.advance(Number.POSITIVE_INFINITY, {
    enter: (at, f) => out.push(`${at}+${p.frames.get(f).name}`),
    leave: (at, f) => out.push(`${at}-${p.frames.get(f).name}`),
  });
  return out.join(' ');
}

t.test('nested calls: total and self', async (t) => {
  const b = new ProfileBuilder();
  const s = b.thread('main', 1, 'kthread');
  const f = b.frame({ name: 'f', kind: 'driver' });
  const g = b.frame({ name: 'g', kind: 'api' });
  b.enter(s, 100, f);
  b.enter(s, 110, g);
  b.leave(s, 130, g);
  b.enter(s, 140, g);
  b.leave(s, 145, g);
  b.leave(s, 200, f);
  const p = done(b);
  t.strictSame(stat(p, 'f'), { calls: 1, total: 100, self: 75, wall: 100 });
  t.strictSame(stat(p, 'g'), { calls: 2, total: 25, self: 25, wall: 25 });
  t.equal(p.histograms[g]?.count, 2);
  t.equal(p.threads[0]?.onCpu, 100);
});

t.test('a blocked thread: wall time runs on, total does not', async (t) => {
  const b = new ProfileBuilder();
  const one = b.thread('one', 1, 'kthread');
  const two = b.thread('two', 2, 'kthread');
  const f = b.frame({ name: 'wait', kind: 'api' });
  const g = b.frame({ name: 'work', kind: 'driver' });
  b.enter(one, 0, f);
  b.switchOut(one, 10);
  b.enter(two, 10, g);
  b.leave(two, 60, g);
  b.switchOut(two, 60, true);
  b.switchIn(one, 60);
  b.leave(one, 75, f);
  const p = done(b);
  t.strictSame(stat(p, 'wait'), { calls: 1, total: 25, self: 25, wall: 75 });
  t.match(p.threads[0], { onCpu: 25, blocked: 50, switches: 1 });
  t.equal(p.wallHistograms[f]?.max, 75);
  t.equal(p.histograms[f]?.max, 25);
  t.equal(
    drawn(p, threadTrack(p.threads[0] as never)),
    '0+one 0+wait 10+(blocked) 60-(blocked) 75-wait 75-one',
    'its own track shows the gap',
  );
  t.equal(
    drawn(p, allTracks(p)[0] as Track),
    '0+one 0+wait 10-wait 10-one 10+two 10+work 60-work 60-two 60+one 60+wait 75-wait 75-one',
    'the track of the virtual CPU shows who ran',
  );
});

t.test('an interrupt is not charged to what it interrupts', async (t) => {
  const b = new ProfileBuilder();
  const s = b.thread('main', 1, 'kthread');
  const f = b.frame({ name: 'f', kind: 'driver' });
  const irq = b.frame({ name: 'irq 5', kind: 'irq' });
  const softirq = b.frame({ name: 'softirq', kind: 'softirq' });
  const poll = b.frame({ name: 'poll', kind: 'driver' });
  b.enter(s, 0, f);
  b.enter(s, 10, irq);
  b.enter(s, 12, f);
  b.leave(s, 17, f);
  b.leave(s, 20, irq);
  b.enter(s, 20, softirq);
  b.enter(s, 25, poll);
  b.enter(s, 30, irq);
  b.leave(s, 34, irq);
  b.leave(s, 50, poll);
  b.leave(s, 60, softirq);
  b.leave(s, 100, f);
  const p = done(b);
  t.strictSame(stat(p, 'f'), { calls: 2, total: 55, self: 55, wall: 105 }, '50 of its own and 5 in the interrupt');
  t.strictSame(stat(p, 'irq 5'), { calls: 2, total: 14, self: 9, wall: 14 });
  t.strictSame(stat(p, 'softirq'), { calls: 1, total: 36, self: 15, wall: 40 });
  t.strictSame(stat(p, 'poll'), { calls: 1, total: 21, self: 21, wall: 25 });
  t.equal(p.threads[0]?.onCpu, 100);
  const tree = mergedTree(p);
  t.strictSame(
    tree
      .children(0)
      .map((n) => [p.frames.get(tree.frame[n] as number).name, tree.total[n]])
      .sort(),
    [
      ['irq 5', 14],
      ['main', 50],
      ['softirq', 36],
    ],
  );
});

t.test('recursion counts its time once', async (t) => {
  const b = new ProfileBuilder();
  const s = b.thread('main', 1, 'kthread');
  const f = b.frame({ name: 'f', kind: 'driver' });
  b.enter(s, 0, f);
  b.enter(s, 10, f);
  b.leave(s, 20, f);
  b.leave(s, 30, f);
  t.strictSame(stat(done(b), 'f'), { calls: 2, total: 30, self: 30, wall: 30 });
});

t.test('broken streams are repaired and counted', async (t) => {
  const b = new ProfileBuilder();
  const s = b.thread('main', 1, 'kthread');
  const [f, g, h] = ['f', 'g', 'h'].map((name) => b.frame({ name, kind: 'driver' })) as [number, number, number];
  b.leave(s, 0, f);
  b.enter(s, 10, f);
  b.enter(s, 20, g);
  b.enter(s, 15, h);
  b.leave(s, 30, f);
  b.enter(s, 40, g);
  b.gap(s, 50, 90, 7);
  b.leave(s, 95, g);
  b.enter(s, 100, h);
  const p = done(b);
  t.match(p.accounting, { orphanExits: 2, unclosed: 4, backwards: 1 });
  t.strictSame(p.gaps, [{ thread: 0, start: 50, end: 90, lost: 7 }]);
  t.equal(p.threads[0]?.onCpu, 60, 'nothing is known of the time of the gap');
  t.strictSame(stat(p, 'g').total, 20);
});

t.test('too deep calls are counted in the caller', async (t) => {
  const b = new ProfileBuilder();
  const s = b.thread('main', 1, 'kthread');
  const f = b.frame({ name: 'f', kind: 'driver' });
  for (let i = 0; i < 5000; i++) b.enter(s, i, f);
  for (let i = 0; i < 5000; i++) b.leave(s, 5000 + i, f);
  const p = done(b);
  t.equal(p.accounting.tooDeep, 4500);
  t.equal(stat(p, 'f').total, 9999);
});

t.test('whatever it is fed: tracks agree with the tree', async (t) => {
  for (let seed = 1; seed <= 200; seed++) {
    const p = fuzzedProfile(seed);
    const self = new Float64Array(p.frames.size);
    const stack: number[] = [];
    let last = 0;
    let good = true;
    const spend = (at: number): void => {
      if (at < last) good = false;
      const top = stack[stack.length - 1];
      if (top !== undefined) self[top] = (self[top] as number) + at - last;
      last = at;
    };
    allTracks(p)[0]?.advance(Number.POSITIVE_INFINITY, {
      enter(at, f) {
        spend(at);
        stack.push(f);
      },
      leave(at, f) {
        spend(at);
        if (stack.pop() !== f) good = false;
      },
    });
    if (!good || stack.length > 0) t.fail(`seed ${seed}: broken track`);
  }
});
