// SPDX-License-Identifier: MIT
// Whether the driver has its device: bound by a probe, let go by a remove.

import type { Collector, TopicContext } from '../../read/index.js';
import type { Binding, Ending } from './stats.js';

const BIND = { bind: 0, failed: 2, unbind: 3, unbound: 4 } as const;

export class BindingCollector implements Collector<Binding> {
  private bound = 0;
  private wasUnbound = false;
  private tells = false;
  private last: Ending | undefined;
  private leaving = false;
  private readonly onRemove: (() => void)[] = [];

  constructor(context: TopicContext) {
    context.on('bind', (arg) => {
      const state = arg('state');
      return (_s, _t, b, i) => this.bind(state(b, i));
    });
  }

  /** Called when the driver has left its last device. */
  whenRemoved(then: () => void): void {
    this.onRemove.push(then);
  }

  /** The driver was bound and is not any more; a remove that has not returned has not happened. Null: nothing tells (older files). */
  get removed(): boolean | null {
    return this.tells ? this.wasUnbound && this.bound === 0 : null;
  }

  /** The last of what can leave something behind. */
  get ending(): Ending {
    return this.last ?? (this.tells ? 'module ended' : 'removed');
  }

  /** A remove is going on. */
  get removing(): boolean {
    return this.leaving;
  }

  private bind(state: number): void {
    this.tells = true;
    this.leaving = state === BIND.unbind;
    if (state === BIND.bind) {
      this.bound++;
      this.wasUnbound = false;
    }
    if (state !== BIND.unbound && state !== BIND.failed) return;
    this.bound = Math.max(0, this.bound - 1);
    if (this.bound > 0) return;
    this.wasUnbound = true;
    this.last = state === BIND.failed ? 'probe failed' : 'removed';
    // A probe that gave up may be tried again (-EPROBE_DEFER): what it left is judged only after a remove.
    if (state === BIND.failed) return;
    for (const then of this.onRemove) then();
  }

  finish(): Binding {
    return { removed: this.removed, ending: this.ending };
  }
}
