// SPDX-License-Identifier: MIT
// Which values the arguments and results of a function had: how often each.

import type { TraceSite } from '../../../tracer/decode/types.js';
import type { CallArg, Signature } from '../../model/index.js';
import { type Collector, type Handler, signatureOf, type TopicContext } from '../../read/index.js';
import type { CallValues } from './stats.js';

/** Load options of this topic. */
export interface ArgumentOptions {
  /** Count the values of arguments and results of functions of this name. */
  valuesOf?: string;
}

/** Different values of an argument that are counted one by one. */
const COUNTED = 4096;

class Values {
  readonly arg: CallArg;
  readonly counts = new Map<number, number>();
  calls = 0;
  others = 0;

  constructor(arg: CallArg) {
    this.arg = arg;
  }

  add(word: number): void {
    this.calls++;
    const key = this.arg.value(word);
    const known = this.counts.get(key);
    if (known !== undefined) this.counts.set(key, known + 1);
    else if (this.counts.size < COUNTED) this.counts.set(key, 1);
    else this.others++;
  }
}

export class ArgumentCollector implements Collector<CallValues[]> {
  private readonly all: { readonly site: TraceSite; readonly name: string; readonly values: Values }[] = [];

  constructor({ trace, symbols, onSite }: TopicContext, { valuesOf }: ArgumentOptions) {
    for (const site of valuesOf === undefined ? [] : trace.sites) {
      const signature = site.name === valuesOf ? signatureOf(trace, symbols, site) : undefined;
      if (signature === undefined) continue;
      const { entry, exit } = this.watch(site, signature);
      onSite(site.i, entry, exit);
    }
  }

  /** What has to be called at each entry and exit of the site. */
  private watch(site: TraceSite, signature: Signature): { readonly entry: Handler; readonly exit: Handler } {
    const args = signature.args.flatMap((arg) =>
      arg.word === undefined ? [] : [{ word: arg.word, values: new Values(arg) }],
    );
    for (const { values } of args) this.all.push({ site, name: values.arg.name, values });
    const returned = signature.returns === undefined ? undefined : new Values(signature.returns);
    if (returned !== undefined) this.all.push({ site, name: 'returned', values: returned });
    return {
      entry: (_s, _t, b, i) => {
        const start = b.payloadStart[i] as number;
        const recorded = start === 0 ? 0 : (b.payload[start - 1] as number);
        for (const { word, values } of args) {
          if (word === 0) values.add(b.arg[i] as number);
          else if (word <= recorded) values.add(b.payload[start + word - 1] as number);
        }
      },
      exit: (_s, _t, b, i) => returned?.add(b.arg[i] as number),
    };
  }

  finish(): CallValues[] {
    return this.all
      .filter(({ values }) => values.calls > 0)
      .map(({ site, name, values }) => ({
        function: site.name,
        argument: name,
        type: values.arg.type,
        calls: values.calls,
        distinct: values.counts.size,
        others: values.others,
        values: [...values.counts]
          .sort(([a, m], [b, n]) => n - m || a - b)
          .map(([value, calls]) => ({ value: values.arg.show(value >>> 0), calls })),
      }));
  }
}
