// SPDX-License-Identifier: MIT
// A crash of the driver process, put together of its events. The process waits meanwhile for a line on its control socket: `hold` keeps it, `end` ends it.

import type { CrashEvent, DriverEvent } from './driver-events.js';
import type { DriverProcess } from './driver-process.js';

type Of<T extends DriverEvent['type']> = Extract<DriverEvent, { type: T }>;

/** What a process told of its crash: raw addresses. What it could not tell any more is not there. */
export interface CrashFacts {
  readonly crash: CrashEvent;
  readonly stack?: Of<'crashStack'>;
  readonly context?: Of<'crashContext'>;
  readonly dma?: Of<'crashDma'>;
}

/** Called once, while the process is kept (if it has not ended by itself); it ends when the promise is settled. */
export type OnCrash = (facts: CrashFacts, process: Pick<DriverProcess, 'pid' | 'ended'>) => Promise<void>;

export class CrashWatch {
  readonly #onCrash: OnCrash | undefined;
  readonly #onError: (error: unknown) => void;
  #facts: CrashFacts | undefined;
  #handled: Promise<void> | undefined;

  constructor(onCrash: OnCrash | undefined, onError: (error: unknown) => void) {
    this.#onCrash = onCrash;
    this.#onError = onError;
  }

  event(event: DriverEvent, process: DriverProcess): void {
    if (event.type === 'crash' && this.#facts === undefined) {
      this.#facts = { crash: event };
      process.control(this.#onCrash === undefined ? 'end' : 'hold');
    }
    if (this.#facts === undefined) return;
    if (event.type === 'crashStack') this.#facts = { ...this.#facts, stack: event };
    if (event.type === 'crashContext') this.#facts = { ...this.#facts, context: event };
    if (event.type === 'crashDma') this.#facts = { ...this.#facts, dma: event };
    if (event.type === 'crashTold') this.#handle(process);
  }

  /** The process has ended; what it told is dealt with when this is settled. */
  async end(process: DriverProcess): Promise<void> {
    this.#handle(process);
    await this.#handled;
  }

  #handle(process: DriverProcess): void {
    if (this.#facts === undefined || this.#onCrash === undefined || this.#handled !== undefined) return;
    this.#handled = this.#onCrash(this.#facts, process)
      .catch(this.#onError)
      .finally(() => process.control('end'));
  }
}
