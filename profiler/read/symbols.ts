// SPDX-License-Identifier: MIT
// Code addresses to names, from the symbols that the trace carries; without them from its sites, which know the entry
// of every function that can be traced.

import type { Trace, TraceSymbol } from '../../tracer/decode/types.js';

const HOOK = '__wrap_';

export class Symbols {
  private readonly list: readonly TraceSymbol[];
  private readonly cache = new Map<number, TraceSymbol | undefined>();
  private readonly entries = new Map<number, TraceSymbol>();

  constructor(trace: Trace) {
    // Hooks of ours in front of kernel functions (runtime/arch/dde/tables/hooks.txt) go by the name of what they stand for.
    this.list = (trace.metadata.symbols ?? [])
      .map((s) => (s.name.startsWith(HOOK) ? { ...s, name: s.name.slice(HOOK.length) } : s))
      .sort((a, b) => a.addr - b.addr);
    for (const { addr, name, file, target } of trace.sites) {
      const place = file === undefined ? {} : { file };
      this.entries.set(addr, { addr, size: 1, name, ...place });
      if (target !== undefined) this.entries.set(target, { addr: target, size: 1, name, ...place });
    }
  }

  find(address: number): TraceSymbol | undefined {
    if (this.cache.has(address)) return this.cache.get(address);
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.list[middle] as TraceSymbol).addr <= address) low = middle + 1;
      else high = middle;
    }
    const s = this.list[low - 1];
    const found = s !== undefined && address < s.addr + Math.max(1, s.size) ? s : this.entries.get(address);
    this.cache.set(address, found);
    return found;
  }

  name(address: number): string {
    return this.find(address)?.name ?? `0x${address.toString(16)}`;
  }
}
