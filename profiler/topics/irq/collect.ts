// SPDX-License-Identifier: MIT
// Hard interrupts: handlers, latency from the host's signal, storms, lines that stay masked.

import type { Trace } from '../../../tracer/decode/types.js';
import { Histogram, type Incident } from '../../model/index.js';
import type { Collector, ThreadView, TopicContext } from '../../read/index.js';
import { callSites } from '../call-site.js';
import type { IrqStats } from './stats.js';

/** Handlers in one millisecond that no device in order needs. */
const STORM_PER_MS = 400;
/** Milliseconds in a row, without a pause as long as STORM_PAUSE ns between them. */
const STORM_MS = 5;
const STORM_PAUSE = 100e3;
/** Interrupts in a row that no handler claimed. */
const UNCLAIMED = 100;
/** The flow of a level-triggered line masks it while its handler runs, and the host may take its time. */
const LEFT_MASKED = 300e6;

/** A trace that can place a time stamp of the host on its own axis. */
interface TimedTrace extends Trace {
  tscToNs?(tsc: number): number;
}

interface State extends IrqStats {
  /** A handler has run. */
  named: boolean;
  /** When the host saw it, as long as no handler ran for it. */
  signalledAt: number;
  enteredAt: number;
  windowStart: number;
  windowCount: number;
  stormWindows: number;
  unclaimedRow: number;
  /** Handlers that wrote to a device and returned IRQ_NONE. */
  servedUnclaimed: number;
  wrote: boolean;
  signalledWhileMasked: number;
  /** When it was delivered, until a handler ran. */
  deliveredAt: number;
  disabledBy: number;
  handler: number;
  maskedOn: ThreadView | undefined;
  maskedIn: number;
}

export class IrqCollector implements Collector<IrqStats[]> {
  private readonly lines = new Map<number, State>();
  private readonly context: TopicContext;
  private readonly onEntry: ((irq: number, name: string, signalledAt: number, t: number) => void)[] = [];

  /** Its handler runs now. */
  private running: State | undefined;

  /** By interrupt: where the driver disabled it. */
  private readonly disabledBy = new Map<number, number>();

  constructor(context: TopicContext) {
    this.context = context;
    callSites(context, (site) => {
      if (/^disable_irq/.test(site.name)) this.disabledBy.set(site.object, site.code);
      else if (/^(enable|free)_irq$/.test(site.name)) this.disabledBy.delete(site.object);
    });
    context.on('irq_handler_entry', (arg) => {
      const [irq, handler] = [arg('irq'), arg('handler')];
      return (s, t, b, i) => this.entry(s, t, irq(b, i), handler(b, i));
    });
    context.on('irq_handler_exit', (arg) => {
      const [irq, ret] = [arg('irq'), arg('ret')];
      return (s, t, b, i) => this.exit(s, t, irq(b, i), ret(b, i));
    });
    context.on('mmio_write', () => () => {
      if (this.running !== undefined) this.running.wrote = true;
    });
    const toNs = (context.trace as TimedTrace).tscToNs?.bind(context.trace);
    context.on('irq_signal', (arg) => {
      const [irq, seen] = [arg('irq'), arg('seen')];
      return (_s, t, b, i) => {
        const line = this.state(irq(b, i), '');
        if (line.masked) line.signalledWhileMasked++;
        if (line.signalledAt < 0) line.signalledAt = toNs === undefined ? t : Math.min(t, toNs(seen(b, i)));
      };
    });
    context.on('irq_deliver', (arg) => {
      const irq = arg('irq');
      return (_s, t, b, i) => {
        const line = this.state(irq(b, i), '');
        line.deliveredAt = t;
        if (line.masked) line.signalledWhileMasked++;
      };
    });
    context.on('irq_mask', (arg) => {
      const irq = arg('irq');
      return (s, t, b, i) => {
        const line = this.state(irq(b, i), '');
        line.maskedOn = s;
        line.maskedIn = s.here;
        line.masked = true;
        line.maskedAt = t;
        // disable_irq() is lazy: the line is masked by the first signal that finds it disabled.
        line.signalledWhileMasked = line.deliveredAt >= 0 ? 1 : 0;
        line.disabledBy = this.disabledBy.get(line.irq) ?? 0;
      };
    });
    context.on('irq_unmask', (arg) => {
      const irq = arg('irq');
      return (s, t, b, i) => this.unmask(s, t, this.state(irq(b, i), ''));
    });
  }

  /** Called when a handler begins; `signalledAt` is -1 when no signal was seen. */
  whenEntered(then: (irq: number, name: string, signalledAt: number, t: number) => void): void {
    this.onEntry.push(then);
  }

  private state(irq: number, name: string): State {
    let line = this.lines.get(irq);
    if (line === undefined) {
      line = {
        irq,
        name,
        count: 0,
        handled: 0,
        unhandled: 0,
        total: 0,
        duration: new Histogram(),
        latency: new Histogram(),
        maxPerMs: 0,
        masked: false,
        maskedAt: 0,
        threads: new Map(),
        named: false,
        signalledAt: -1,
        enteredAt: -1,
        windowStart: 0,
        windowCount: 0,
        stormWindows: 0,
        unclaimedRow: 0,
        servedUnclaimed: 0,
        wrote: false,
        signalledWhileMasked: 0,
        deliveredAt: -1,
        disabledBy: 0,
        handler: 0,
        maskedOn: undefined,
        maskedIn: 0,
      };
      this.lines.set(irq, line);
    }
    return line;
  }

  private entry(s: ThreadView, t: number, irq: number, handler: number): void {
    const line = this.state(irq, '');
    if (!line.named) line.name = this.context.symbols.name(handler);
    line.named = true;
    line.count++;
    line.enteredAt = t;
    line.wrote = false;
    this.running = line;
    for (const then of this.onEntry) then(irq, line.name, line.signalledAt, t);
    if (line.signalledAt >= 0) line.latency.add(t - line.signalledAt);
    line.signalledAt = -1;
    line.deliveredAt = -1;
    // A handler runs: what masked the line is the flow of the interrupt, not the driver.
    line.signalledWhileMasked = 0;
    line.handler = handler;
    line.threads.set(s.index, (line.threads.get(s.index) ?? 0) + 1);
    this.rate(s, t, line);
  }

  private rate(s: ThreadView, t: number, line: State): void {
    if (t - line.windowStart < 1e6) {
      line.windowCount++;
    } else {
      if (line.windowCount >= STORM_PER_MS) line.stormWindows++;
      else line.stormWindows = 0;
      if (line.stormWindows === STORM_MS)
        this.suspect('irq-storm', s, t, line, STORM_MS * 1e6, { perMs: line.windowCount });
      if (t - line.windowStart >= 1e6 + STORM_PAUSE) line.stormWindows = 0;
      line.windowStart = t;
      line.windowCount = 1;
    }
    if (line.windowCount > line.maxPerMs) line.maxPerMs = line.windowCount;
  }

  private exit(s: ThreadView, t: number, irq: number, ret: number): void {
    const line = this.lines.get(irq);
    if (line === undefined || !line.named) return;
    const claimed = (ret & 3) !== 0;
    if (!claimed && line.wrote) line.servedUnclaimed++;
    this.running = undefined;
    if (claimed) {
      line.handled++;
      line.unclaimedRow = 0;
    } else {
      line.unhandled++;
      if (++line.unclaimedRow === UNCLAIMED) this.suspect('irq-unclaimed', s, t, line, 0, { inARow: UNCLAIMED });
    }
    if (line.enteredAt < 0) return;
    line.total += t - line.enteredAt;
    line.duration.add(t - line.enteredAt);
    line.enteredAt = -1;
  }

  private unmask(s: ThreadView, t: number, line: State): void {
    if (line.masked && line.signalledWhileMasked > 0 && t - line.maskedAt >= LEFT_MASKED) {
      this.suspect('irq-left-masked', s, line.maskedAt, line, t - line.maskedAt, {
        signals: line.signalledWhileMasked,
      });
    }
    line.masked = false;
    line.signalledWhileMasked = 0;
  }

  private suspect(
    kind: Incident['kind'],
    s: ThreadView | undefined,
    at: number,
    line: State,
    length: number,
    data: Record<string, number | string>,
  ): void {
    const masked = kind === 'irq-left-masked';
    this.context.incident({
      kind,
      at,
      for: length,
      thread: (masked ? (line.maskedOn ?? s) : s)?.index ?? 0,
      node: masked ? line.maskedIn : (s?.here ?? 0),
      code: masked && line.disabledBy > 0 ? line.disabledBy : line.handler,
      data: { irq: line.irq, handler: line.name, ...data },
    });
  }

  finish(end: number): IrqStats[] {
    for (const line of this.lines.values()) {
      if (line.handled === 0 && line.servedUnclaimed > 0 && line.unhandled < UNCLAIMED)
        this.suspect('irq-unclaimed', undefined, end, line, 0, { inARow: line.unhandled, wrote: line.servedUnclaimed });
      if (line.masked && line.signalledWhileMasked > 0 && end - line.maskedAt >= LEFT_MASKED) {
        this.suspect('irq-left-masked', undefined, line.maskedAt, line, end - line.maskedAt, {
          signals: line.signalledWhileMasked,
        });
      }
    }
    return [...this.lines.values()]
      .filter((l) => l.count > 0 || l.masked)
      .sort((a, b) => b.count - a.count || a.irq - b.irq);
  }
}
