// SPDX-License-Identifier: MIT
// Locks that are held for long or waited for: a driver takes each kind for a known time.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openTrace, symbolName } from '../../tracer/decode/index.js';
import { root } from '../fixtures/cli.js';
import { ends, run } from '../fixtures/e2e.js';

t.setTimeout(1800_000);

const driver = join(root, 'test/fixtures/drivers/locks');
const HELD_US = 400;

async function record(t: Test, ...options: string[]): Promise<string> {
  const file = join(t.testdir({}), 'x.ddet');
  const device = ['--device', 'edu,dma_mask=0xffffffff', '--no-findings', ...options];
  ends(t, await run(['record', driver, '-o', file, ...device, '--', 'idle', '--duration', '1']));
  return file;
}

interface Lock {
  readonly name: string;
  readonly at: string;
  readonly lock: number;
  readonly kind: string;
  readonly us: number;
}

/** The events of category lock whose caller is the fixture's own code. */
function lockEvents(file: string): Lock[] {
  const trace = openTrace(file);
  const own = /^(hold_|wait_|short_holds|holder|locks_probe)/;
  const found: Lock[] = [];
  for (const { name, args } of trace.events()) {
    if (name !== 'lock:contention_begin' && name !== 'dde:lock_held') continue;
    const at = symbolName(trace, (args['caller'] as number) - 1).replace(/\+.*/, '');
    const us = ((args['ticks'] as number | undefined) ?? 0) * trace.nsPerTick * 1e-3;
    const kind = trace.enums['lock_kind']?.[Number(args['kind'])] ?? '';
    if (own.test(at)) found.push({ name, at, lock: args['lock'] as number, kind, us });
  }
  trace.close();
  return found;
}

t.test('mutexes, semaphores and rw-semaphores, by kind', async (t) => {
  const all = lockEvents(await record(t));
  const held = all.filter(({ name }) => name === 'dde:lock_held');
  for (const [at, kind] of [
    ['hold_mutex', 'mutex'],
    ['hold_semaphore', 'semaphore'],
    ['hold_read', 'read'],
    ['hold_write', 'write'],
  ] as const) {
    const mine = held.filter((one) => one.at === at);
    t.match(mine, [{ kind }], at);
    const us = mine[0]?.us ?? 0;
    t.ok(us >= HELD_US && us < HELD_US * 100, `${at}: ${us.toFixed(0)} us`);
  }
  t.strictSame(
    held.filter(({ at }) => at === 'short_holds'),
    [],
    'a lock that is held for no time is no news',
  );
  const [semaphore, rwsem] = ['semaphore', 'write'].map((kind) =>
    held.find((one) => one.at === 'holder' && one.kind === kind),
  );
  t.ok((semaphore?.us ?? 0) > 4000 && (rwsem?.us ?? 0) > 4000, 'held while asleep');
  t.ok(
    held.some(({ at, kind }) => at === 'locks_probe' && kind === 'semaphore'),
    'given back by another thread',
  );
  const waited = all.filter(({ name }) => name === 'lock:contention_begin');
  t.ok(
    waited.some(({ at, lock }) => at === 'wait_semaphore' && lock === semaphore?.lock),
    JSON.stringify(waited),
  );
});

t.test('no event of locks without the category', async (t) => {
  t.strictSame(lockEvents(await record(t, '--events', '-lock')), []);
});
