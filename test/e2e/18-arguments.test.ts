// SPDX-License-Identifier: MIT
// Arguments of the driver's calls, against what the runtime says of the same operation in events of its own.
import { join } from 'node:path';
import t from 'tap';
import { zstdDecompressInto } from '../../tracer/recorder/addon.js';
import { CHUNK, ChunkFile } from '../../tracer/decode/chunks.js';
import { openTrace, type Trace, type TraceEvent } from '../../tracer/decode/index.js';
import { cli } from '../fixtures/cli.js';
import { ends, run } from '../fixtures/e2e.js';

const WORKLOAD = ['ping', '--count', '3', '+', 'tcp', '--bytes', '20M'];
const DIRECTIONS = ['DMA_BIDIRECTIONAL', 'DMA_TO_DEVICE', 'DMA_FROM_DEVICE', 'DMA_NONE'];

/** What the events take on disk, heads of their chunks included. */
function eventBytes(path: string): number {
  const file = new ChunkFile(path, zstdDecompressInto);
  file.close();
  return file.chunks.reduce((sum, { type, bytes }) => sum + (type === CHUNK.events ? bytes + 32 : 0), 0);
}

/** Pairs each call of a function with the events that the runtime emitted inside of it. */
function calls(trace: Trace, name: string): { entry: TraceEvent; exit: TraceEvent; inside: TraceEvent[] }[] {
  const done: { entry: TraceEvent; exit: TraceEvent; inside: TraceEvent[] }[] = [];
  const open = new Map<number, { entry: TraceEvent; inside: TraceEvent[] }>();
  for (const event of trace.events()) {
    const call = open.get(event.thread.uid);
    if (event.name === name && event.kind === 'entry') open.set(event.thread.uid, { entry: event, inside: [] });
    else if (event.name === name && event.kind === 'exit' && call) {
      if (!event.synthetic) done.push({ ...call, exit: event });
      open.delete(event.thread.uid);
    } else if (event.kind === 'event') call?.inside.push(event);
  }
  return done;
}

t.test('arguments and return values of a real driver', async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  const end = await run(['record', 'e1000e', '--no-findings', '-o', file, '--', ...WORKLOAD]);
  ends(t, end);
  const { recorded = 0, lost } = end.result.trace ?? {};
  t.equal(lost, 0);
  const bytes = eventBytes(file);
  t.ok(bytes / recorded <= 2.5, `${(bytes / recorded).toFixed(2)} bytes an event on disk, arguments included`);
  const trace = openTrace(file);
  t.teardown(() => trace.close());

  const maps = calls(trace, 'dma_map_page_attrs');
  t.ok(maps.length > 5000, `${maps.length} DMA mappings`);
  const wrong = maps.filter(({ entry, exit, inside }) => {
    const event = inside.find((one) => one.name === 'dma:dma_map');
    return (
      event === undefined ||
      entry.args['size'] !== event.args['size'] ||
      entry.args['dir'] !== DIRECTIONS[event.args['dir'] as number] ||
      exit.args['ret'] !== event.args['dma'] ||
      // Within its page: the page may be a large one's first.
      (entry.args['offset'] as number) % 4096 !== (event.args['cpu'] as number) % 4096
    );
  });
  t.strictSame(wrong.slice(0, 3), [], 'offset, size, direction and result as the runtime has them');

  const polls = calls(trace, 'e1000e_poll');
  t.ok(polls.length > 10);
  t.ok(polls.every(({ entry, exit }) => entry.args['budget'] === 64 && (exit.args['ret'] as number) <= 64));

  const names = new Map(trace.metadata.symbols?.map((symbol) => [symbol.addr, symbol.name]));
  const irqs = calls(trace, 'request_threaded_irq').map(({ entry }) => names.get(entry.args['handler'] as number));
  t.strictSame(irqs, ['e1000_intr_msix_rx', 'e1000_intr_msix_tx', 'e1000_msix_other'], 'handlers by name');

  const api = trace.sites.filter((site) => site.kind === 'api');
  t.strictSame(
    api.filter((site) => site.args === undefined).map((site) => site.name),
    [],
    'each API has a prototype',
  );
});

t.test('--no-args: the first argument only', async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  ends(t, await run(['record', 'e1000e', '--no-findings', '--no-args', '-o', file, '--', 'ping', '--count', '1']));
  const trace = openTrace(file);
  t.teardown(() => trace.close());
  const maps = calls(trace, 'dma_map_page_attrs');
  t.ok(maps.length > 100);
  t.ok(maps.every(({ entry, exit }) => Object.keys(entry.args).join() === 'dev' && 'ret' in exit.args));
});

t.test('--depth: calls nested deeper are not recorded', async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  const record = ['record', 'e1000e', '--no-findings', '--functions', '*', '--depth', '2', '-o', file];
  ends(t, await run([...record, '--', 'ping', '--count', '1']));
  const trace = openTrace(file);
  t.teardown(() => trace.close());
  const depth = new Map<number, number>();
  let deepest = 0;
  for (const { kind, thread } of trace.events()) {
    const now = (depth.get(thread.uid) ?? 0) + (kind === 'entry' ? 1 : kind === 'exit' ? -1 : 0);
    depth.set(thread.uid, now);
    deepest = Math.max(deepest, now);
  }
  t.equal(deepest, 2, 'as deep as allowed, and no deeper');
});

t.test('--min-duration: shorter calls are not in the file, and are counted', async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  const record = ['record', 'e1000e', '--no-findings', '--functions', '*', '--min-duration', '10us', '-o', file];
  const end = await run([...record, '--', 'ping', '--count', '5']);
  ends(t, end);
  const { produced, recorded, lost, filtered = 0 } = end.result.trace ?? { produced: 0, recorded: 0, lost: 0 };
  t.ok(filtered > 1000, `${filtered} events of short calls`);
  t.equal(produced, recorded + lost + filtered);
  const trace = openTrace(file);
  t.teardown(() => trace.close());
  t.match(trace.totals, { produced, recorded, lost, filtered });
  const open = new Map<number, number[]>();
  let [calls, short, events] = [0, 0, 0];
  for (const { kind, thread, ts, synthetic } of trace.events()) {
    const began = open.get(thread.uid) ?? [];
    open.set(thread.uid, began);
    if (kind === 'entry') began.push(ts);
    else if (kind === 'event') events++;
    else {
      calls++;
      if (ts - (began.pop() as number) < 9_990 && !synthetic) short++;
    }
  }
  t.ok(calls > 100 && events > 1000, `${calls} calls and ${events} events are in it`);
  t.equal(short, 0);
  const report = await cli(['report', file]);
  t.match(report.stdout, new RegExp(`\\+ ${filtered.toLocaleString('en-US')} left out, of calls below 10\\.0 us`));
  const refused = await cli(['report', file, '--subtract-overhead']);
  t.equal(refused.code, 2);
  t.match(refused.stderr, /short calls were left out when recording/);
});
