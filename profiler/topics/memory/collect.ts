// SPDX-License-Identifier: MIT
// Memory: what was allocated where, what of it is alive, over time. From the kernel's own events when they were recorded
// (category kmem: all of the kernel), else from the driver's calls.

import { siteArgValue, siteArgWord } from '../../../tracer/decode/args.js';
import type { TraceSite } from '../../../tracer/decode/types.js';
import { type Counter, Histogram } from '../../model/index.js';
import type { Collector, ThreadView, TopicContext } from '../../read/index.js';
import type { AllocationSite, AllocationStats } from './stats.js';

/** Alive at once, at most: beyond that an allocation is counted and not followed. */
const FOLLOWED = 1 << 20;
const PAGE = 4096;

/** A driver's call that allocates: which argument tells the size, by name. Without it one counts, with no bytes. */
export const ALLOCATE: Readonly<Record<string, string | undefined>> = {
  __kmalloc: 'size',
  __kmalloc_noprof: 'size',
  __kmalloc_node: 'size',
  __kmalloc_cache_noprof: 'size',
  kmalloc_trace: 'size',
  kmalloc_large: 'size',
  kmalloc_node_trace: 'size',
  kmem_cache_alloc: undefined,
  kmem_cache_alloc_noprof: undefined,
  kmemdup: 'len',
  kmemdup_noprof: 'len',
  vmalloc: 'size',
  vmalloc_noprof: 'size',
  vzalloc: 'size',
  vzalloc_noprof: 'size',
  kvmalloc_node: 'size',
  __kvmalloc_node_noprof: 'size',
  __alloc_skb: 'size',
  __netdev_alloc_skb: 'len',
  __napi_alloc_skb: 'len',
  napi_alloc_skb: 'len',
  build_skb: 'frag_size',
  napi_build_skb: 'frag_size',
};
/** Of these the size is the first argument, should its name not be known. */
export const SIZE_FIRST = /^(__kmalloc|vm|vz|kvm|__alloc_skb|kmalloc_large)/;
/** An skb that goes up to the stack is the stack's from then on. */
export const FREE = [
  'kfree',
  'vfree',
  'kvfree',
  'kfree_sensitive',
  'consume_skb',
  '__dev_kfree_skb_any',
  '__dev_kfree_skb_irq',
  'dev_kfree_skb_any_reason',
  'dev_kfree_skb_irq_reason',
  'kfree_skb_reason',
  'sk_skb_reason_drop',
  'napi_consume_skb',
  'kmem_cache_free',
  'napi_gro_receive',
  'netif_receive_skb',
  'netif_rx',
];
/** Its object is the second argument, which only recordings with arguments hold. */
export const FREE_SECOND: Readonly<Record<string, string>> = { kmem_cache_free: 'x', napi_gro_receive: 'skb' };

interface Live {
  readonly site: AllocationSite;
  readonly bytes: number;
  readonly at: number;
}

class Book {
  readonly live = new Map<number, Live>();
  readonly sites = new Map<string, AllocationSite>();
  readonly lifetime = new Histogram();
  allocations = 0;
  frees = 0;
  bytes = 0;
  liveBytes = 0;
  maxLiveBytes = 0;
  missed = 0;

  allocate(key: number, bytes: number, fn: string, node: number, t: number): void {
    let site = this.sites.get(fn);
    if (site === undefined) {
      site = { function: fn, node, allocations: 0, frees: 0, bytes: 0, live: 0, liveBytes: 0, maxLiveBytes: 0 };
      this.sites.set(fn, site);
    }
    this.allocations++;
    this.bytes += bytes;
    site.allocations++;
    site.bytes += bytes;
    if (this.live.size >= FOLLOWED) {
      this.missed++;
      return;
    }
    // The same address again: its free was lost.
    if (this.live.has(key)) this.release(key, t);
    this.live.set(key, { site, bytes, at: t });
    site.live++;
    site.liveBytes += bytes;
    site.maxLiveBytes = Math.max(site.maxLiveBytes, site.liveBytes);
    this.liveBytes += bytes;
    this.maxLiveBytes = Math.max(this.maxLiveBytes, this.liveBytes);
  }

  release(key: number, t: number): void {
    const one = this.live.get(key);
    if (one === undefined) return;
    this.live.delete(key);
    this.frees++;
    this.lifetime.add(t - one.at);
    one.site.frees++;
    one.site.live--;
    one.site.liveBytes -= one.bytes;
    this.liveBytes -= one.bytes;
  }
}

export class MemoryCollector implements Collector<AllocationStats> {
  private readonly events = new Book();
  private readonly calls = new Book();
  private ofEvents: Counter | undefined;
  private ofCalls: Counter | undefined;
  private readonly context: TopicContext;
  /** By thread: sizes asked for by calls that have not returned. */
  private readonly asked: number[][] = [];

  constructor(context: TopicContext) {
    this.context = context;
    this.readEvents();
    this.readCalls();
  }

  private plot(book: Book, t: number): void {
    if (book === this.events) {
      this.ofEvents ??= this.context.counter('allocated', 'bytes');
      this.ofEvents.set(t, book.liveBytes);
    } else {
      this.ofCalls ??= this.context.counter("allocated by the driver's calls", 'bytes');
      this.ofCalls.set(t, book.liveBytes);
    }
  }

  private readEvents(): void {
    const { context, events } = this;
    for (const [name, size] of [
      ['kmalloc', 'bytes_alloc'],
      ['kmem_cache_alloc', 'bytes_alloc'],
    ] as const) {
      context.on(name, (arg) => {
        const [ptr, bytes, caller] = [arg('ptr'), arg(size), arg('caller')];
        return (s, t, b, i) => {
          if (ptr(b, i) === 0) return;
          events.allocate(ptr(b, i), bytes(b, i), this.function(s, caller(b, i)), s.here, t);
          this.plot(events, t);
        };
      });
    }
    for (const name of ['kfree', 'kmem_cache_free']) {
      context.on(name, (arg) => {
        const ptr = arg('ptr');
        return (_s, t, b, i) => {
          events.release(ptr(b, i), t);
          this.plot(events, t);
        };
      });
    }
    // Below every address: pages and objects of the slab, which lie in pages, are counted apart.
    const page = (pfn: number): number => -1 - pfn;
    context.on('mm_page_alloc', (arg) => {
      const [pfn, order, caller] = [arg('pfn'), arg('order'), arg('caller')];
      return (s, t, b, i) => {
        if (pfn(b, i) === 0) return;
        events.allocate(
          page(pfn(b, i)),
          PAGE * 2 ** order(b, i),
          `pages: ${this.function(s, caller(b, i))}`,
          s.here,
          t,
        );
        this.plot(events, t);
      };
    });
    context.on('mm_page_free', (arg) => {
      const pfn = arg('pfn');
      return (_s, t, b, i) => {
        events.release(page(pfn(b, i)), t);
        this.plot(events, t);
      };
    });
  }

  /** The address is the driver's or the core's function, or a stub of the tracer that stands for it. */
  private function(s: ThreadView, caller: number): string {
    const known = this.context.symbols.find(caller)?.name;
    return known ?? this.context.driverFunction(s, 0);
  }

  private readCalls(): void {
    const { context, calls } = this;
    const argOf = (site: TraceSite, name: string) => site.args?.find((a) => a.name === name);
    for (const [name, sizeArg] of Object.entries(ALLOCATE)) {
      context.onCall(
        name,
        (s, _t, b, i) => {
          const site = context.trace.sites[b.id[i] as number];
          const arg = sizeArg === undefined || site === undefined ? undefined : argOf(site, sizeArg);
          const word = arg === undefined ? undefined : siteArgWord(arg, b, i);
          const stack = this.asked[s.index] ?? [];
          this.asked[s.index] = stack;
          if (stack.length > 64) stack.length = 0;
          // Recordings without argument names: the size of __kmalloc and its like is the first.
          const first = SIZE_FIRST.test(name) ? (b.arg[i] as number) : 0;
          stack.push(arg !== undefined && word !== undefined ? siteArgValue(arg, word) : first);
        },
        (s, t, b, i) => {
          const size = this.asked[s.index]?.pop();
          const address = b.arg[i] as number;
          if (size === undefined || address === 0) return;
          calls.allocate(address, size, context.driverFunction(s, 0), s.here, t);
          this.plot(calls, t);
        },
      );
    }
    for (const name of FREE) {
      context.onCall(name, (_s, t, b, i) => {
        const second = FREE_SECOND[name];
        const site = context.trace.sites[b.id[i] as number];
        const arg = second === undefined || site === undefined ? undefined : argOf(site, second);
        const word = arg === undefined ? undefined : siteArgWord(arg, b, i);
        calls.release(word ?? (b.arg[i] as number), t);
        this.plot(calls, t);
      });
    }
  }

  finish(): AllocationStats {
    const book = this.events.allocations > 0 ? this.events : this.calls;
    const { allocations, frees, bytes, liveBytes, maxLiveBytes, missed, lifetime } = book;
    return {
      from: book === this.events ? 'events' : 'calls',
      allocations,
      frees,
      bytes,
      live: book.live.size,
      liveBytes,
      maxLiveBytes,
      missed,
      lifetime,
      overTime: book === this.events ? this.ofEvents : this.ofCalls,
      sites: [...book.sites.values()].sort((a, b) => b.bytes - a.bytes || b.allocations - a.allocations),
    };
  }
}
