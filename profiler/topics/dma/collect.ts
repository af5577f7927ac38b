// SPDX-License-Identifier: MIT
// DMA mappings from birth to death.
//
// The runtime numbers its mappings; an unmap that it cannot match carries number 0. A number that was never seen here was
// mapped before the recording or while events were lost: that is no fault of the driver.

import { type Counter, Histogram } from '../../model/index.js';
import { type Collector, isPart, type LoadOptions, type ThreadView, type TopicContext } from '../../read/index.js';
import {
  DMA_DIRECTIONS,
  type DmaCost,
  type DmaDirection,
  type DmaDirectionStats,
  type DmaFault,
  type DmaFaultKind,
  type DmaMapping,
  type DmaPlace,
  type DmaSite,
  type DmaStats,
} from './stats.js';

/** Faults, and mappings alive at the end, of one place that are kept; all are counted. */
const EXAMPLES = 3;
/** Ended mappings remembered, to tell a second unmap from one that never had a map. */
const REMEMBERED = 1 << 16;

interface Live extends DmaMapping {
  readonly id: number;
  readonly site: DmaSite;
}

function newDirection(): DmaDirectionStats {
  return { maps: 0, unmaps: 0, bytes: 0, live: 0, liveBytes: 0, maxLive: 0 };
}

function count<T extends { readonly size: number }>(places: Map<string, DmaPlace<T>>, key: string, one: T): void {
  let place = places.get(key);
  if (place === undefined) {
    place = { count: 0, bytes: 0, examples: [] };
    places.set(key, place);
  }
  place.count++;
  place.bytes += one.size;
  if (place.examples.length < EXAMPLES) place.examples.push(one);
}

const holds = (m: DmaMapping, address: number): boolean => address >= m.address && address < m.address + m.size;

/** Load options that it looks at. */
export type DmaOptions = Pick<LoadOptions, 'filter'>;

export class DmaCollector implements Collector<DmaStats> {
  readonly stats: DmaStats;
  private readonly live = new Map<number, Live>();
  private readonly byAddress = new Map<number, number>();
  /** By calling address, then by node and direction. */
  private readonly sites = new Map<number, Map<number, DmaSite>>();
  private readonly context: TopicContext;
  private readonly ended = new Map<number, DmaMapping>();
  private readonly byFunction = new Map<number, DmaCost>();
  private readonly faults = new Map<string, DmaPlace<DmaFault>>();
  /** A mapping may have been made outside of the part that is looked at. */
  private readonly part: boolean;
  private liveBytes = 0;
  private readonly liveCounter: Counter;
  private readonly bytesCounter: Counter;
  private nextId = -1;
  private lastHeld: Live | undefined;
  /** Mappings that may yet be looked at for syncs of parts: a bound on time, whatever a driver does. */
  private searches = 50_000_000;

  constructor(context: TopicContext, { filter }: DmaOptions) {
    this.context = context;
    this.part = filter !== undefined && isPart(filter);
    this.liveCounter = context.counter('DMA mappings', 'mappings');
    this.bytesCounter = context.counter('DMA mapped', 'bytes');
    this.stats = {
      directions: {
        bidirectional: newDirection(),
        'to-device': newDirection(),
        'from-device': newDirection(),
        none: newDirection(),
      },
      coherent: newDirection(),
      sites: [],
      live: [],
      liveCount: 0,
      faults: [],
      faultCount: 0,
      costs: [],
      syncs: 0,
      copied: 0,
      lifetime: new Histogram(),
      overTime: { mappings: this.liveCounter, bytes: this.bytesCounter },
    };
    context.on('dma_map', (arg) => {
      const [id, dma, size, dir, caller] = [arg('id'), arg('dma'), arg('size'), arg('dir'), arg('caller')];
      return (s, t, b, i) =>
        this.map(s, t, id(b, i), dma(b, i), size(b, i), DMA_DIRECTIONS[dir(b, i)] ?? 'none', false, caller(b, i));
    });
    context.on('dma_alloc', (arg) => {
      const [id, dma, size, caller] = [arg('id'), arg('dma'), arg('size'), arg('caller')];
      return (s, t, b, i) => this.map(s, t, id(b, i), dma(b, i), size(b, i), 'bidirectional', true, caller(b, i));
    });
    context.on('dma_unmap', (arg) => {
      const [id, dma, size, dir, copied] = [arg('id'), arg('dma'), arg('size'), arg('dir'), arg('copied')];
      const caller = arg('caller');
      return (s, t, b, i) => {
        this.stats.copied += copied(b, i);
        const direction = DMA_DIRECTIONS[dir(b, i)] ?? 'none';
        this.unmap(s, t, id(b, i), dma(b, i), size(b, i), direction, false, caller(b, i) - 1);
      };
    });
    context.on('dma_free', (arg) => {
      const [id, dma, size, caller] = [arg('id'), arg('dma'), arg('size'), arg('caller')];
      return (s, t, b, i) => this.unmap(s, t, id(b, i), dma(b, i), size(b, i), 'bidirectional', true, caller(b, i) - 1);
    });
    context.on('dma_sync', (arg) => {
      const [dma, size, dir, caller, copied] = [arg('dma'), arg('size'), arg('dir'), arg('caller'), arg('copied')];
      return (s, t, b, i) => {
        this.stats.syncs++;
        this.stats.copied += copied(b, i);
        this.sync(s, t, dma(b, i), size(b, i), DMA_DIRECTIONS[dir(b, i)] ?? 'none', caller(b, i) - 1);
      };
    });
  }

  /** Mappings alive now. */
  get count(): number {
    return this.live.size;
  }

  private map(
    s: ThreadView,
    at: number,
    number: number,
    address: number,
    size: number,
    direction: DmaDirection,
    coherent: boolean,
    caller: number,
  ): void {
    const site = this.site(s, direction, coherent, caller);
    const id = number === 0 ? this.nextId-- : number;
    this.cost(s, at, caller - 1);
    this.live.set(id, { id, address, size, direction, coherent, at, node: s.here, code: caller - 1, site });
    this.byAddress.set(address, id);
    const d = coherent ? this.stats.coherent : this.stats.directions[direction];
    d.maps++;
    d.bytes += size;
    d.live++;
    d.liveBytes += size;
    if (d.live > d.maxLive) d.maxLive = d.live;
    site.maps++;
    site.bytes += size;
    site.live++;
    site.liveBytes += size;
    if (site.live > site.maxLive) site.maxLive = site.live;
    this.liveBytes += size;
    this.liveCounter.set(at, this.live.size);
    this.bytesCounter.set(at, this.liveBytes);
  }

  /** What the call cost up to now, where the mapping is made or ended: look-ups are behind it. */
  private cost(s: ThreadView, at: number, code: number): void {
    const frame = this.context.innermost(s);
    if (frame?.kind !== 'api') return;
    const ns = this.context.elapsed(s, at);
    let c = this.byFunction.get(frame.id);
    if (c === undefined) {
      c = { name: frame.name, byLive: [], worst: -1, at, thread: s.index, node: s.here, code };
      this.byFunction.set(frame.id, c);
    }
    const k = this.live.size < 2 ? 0 : 31 - Math.clz32(this.live.size);
    while (c.byLive.length <= k) c.byLive.push(new Histogram());
    c.byLive[k]?.add(ns);
    if (ns > c.worst) Object.assign(c, { worst: ns, at, thread: s.index, node: s.here, code });
  }

  private site(s: ThreadView, direction: DmaDirection, coherent: boolean, caller: number): DmaSite {
    let byNode = this.sites.get(caller);
    if (byNode === undefined) {
      byNode = new Map();
      this.sites.set(caller, byNode);
    }
    const key = s.here * 8 + (coherent ? 7 : DMA_DIRECTIONS.indexOf(direction));
    let site = byNode.get(key);
    if (site === undefined) {
      const fn = this.context.driverFunction(s, caller);
      site = {
        node: s.here,
        function: fn,
        direction,
        coherent,
        maps: 0,
        unmaps: 0,
        bytes: 0,
        live: 0,
        liveBytes: 0,
        maxLive: 0,
      };
      byNode.set(key, site);
    }
    return site;
  }

  private unmap(
    s: ThreadView,
    at: number,
    number: number,
    address: number,
    size: number,
    direction: DmaDirection,
    coherent: boolean,
    code: number,
  ): void {
    this.cost(s, at, code);
    const id = number === 0 ? (this.byAddress.get(address) ?? 0) : number;
    const m = this.live.get(id);
    if (m === undefined) {
      const d = coherent ? this.stats.coherent : this.stats.directions[direction];
      d.unmaps++;
      const before = this.ended.get(address);
      const known = number === 0 || (before !== undefined && (before as Live).id === number);
      if (known)
        this.fault(
          before === undefined ? 'unmap-without-map' : 'double-unmap',
          s,
          at,
          address,
          size,
          direction,
          code,
          before,
        );
      return;
    }
    if (m.size !== size) this.fault('wrong-size', s, at, address, size, direction, code, m);
    else if (!coherent && m.direction !== direction)
      this.fault('wrong-direction', s, at, address, size, direction, code, m);
    this.end(m, at);
  }

  /** What a sync is about: a part of a mapping that is alive. One that was made before the recording is not known. */
  private sync(s: ThreadView, at: number, address: number, size: number, direction: DmaDirection, code: number): void {
    const exact = this.byAddress.get(address);
    const live = exact === undefined ? this.holding(this.live.values(), address) : this.live.get(exact);
    if (live !== undefined) {
      if (address + size > live.address + live.size)
        this.fault('sync-beyond', s, at, address, size, direction, code, live);
      return;
    }
    const before = this.ended.get(address) ?? this.holding(this.ended.values(), address);
    if (before !== undefined) this.fault('sync-after-unmap', s, at, address, size, direction, code, before);
  }

  private holding(mappings: Iterable<DmaMapping>, address: number): DmaMapping | undefined {
    if (this.lastHeld !== undefined && this.live.has(this.lastHeld.id) && holds(this.lastHeld, address))
      return this.lastHeld;
    for (const one of mappings) {
      if (--this.searches < 0) return undefined;
      if (!holds(one, address)) continue;
      this.lastHeld = one as Live;
      return one;
    }
    return undefined;
  }

  private end(m: Live, at: number): void {
    this.live.delete(m.id);
    if (this.byAddress.get(m.address) === m.id) this.byAddress.delete(m.address);
    this.ended.delete(m.address);
    this.ended.set(m.address, m);
    if (this.ended.size > REMEMBERED) this.ended.delete(this.ended.keys().next().value as number);
    const d = m.coherent ? this.stats.coherent : this.stats.directions[m.direction];
    d.unmaps++;
    d.live--;
    d.liveBytes -= m.size;
    m.site.unmaps++;
    m.site.live--;
    m.site.liveBytes -= m.size;
    this.liveBytes -= m.size;
    this.stats.lifetime.add(at - m.at);
    this.liveCounter.set(at, this.live.size);
    this.bytesCounter.set(at, this.liveBytes);
  }

  private fault(
    kind: DmaFaultKind,
    s: ThreadView,
    at: number,
    address: number,
    size: number,
    direction: DmaDirection,
    code: number,
    mapping: DmaMapping | undefined,
  ): void {
    if (kind === 'unmap-without-map' && this.part) return;
    this.stats.faultCount++;
    const fault: DmaFault = { kind, at, thread: s.index, node: s.here, address, size, direction, code };
    count(this.faults, `${kind} ${s.here} ${code}`, mapping === undefined ? fault : { ...fault, mapping });
  }

  finish(): DmaStats {
    const places = new Map<string, DmaPlace<DmaMapping>>();
    for (const { id: _, site: __, ...mapping } of this.live.values())
      count(places, `${mapping.node} ${mapping.code}`, mapping);
    this.stats.live.push(...places.values());
    this.stats.liveCount = this.live.size;
    this.stats.faults.push(...this.faults.values());
    this.stats.sites.push(
      ...[...this.sites.values()].flatMap((m) => [...m.values()]).sort((a, b) => b.maps - a.maps || b.bytes - a.bytes),
    );
    this.stats.costs.push(...this.byFunction.values());
    return this.stats;
  }
}
