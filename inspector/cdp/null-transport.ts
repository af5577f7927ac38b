// SPDX-License-Identifier: MIT
import type { Transport } from './transport.js';

/** No wire: messages are put in by inject(), and what was sent is kept. For tests. */
export class NullTransport implements Transport {
  onMessage: ((message: string) => void) | undefined;
  onEnd: (() => void) | undefined;
  readonly sent: string[] = [];
  #ended = false;

  inject(message: string): void {
    if (!this.#ended) this.onMessage?.(message);
  }

  send(message: string): void {
    if (!this.#ended) this.sent.push(message);
  }

  async drained(): Promise<void> {
    // Nothing waits.
  }

  dispose(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd?.();
  }
}
