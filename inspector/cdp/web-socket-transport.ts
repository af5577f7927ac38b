// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { Transport } from './transport.js';

/** A client that takes nothing while this much waits for it has hung; its messages would fill our memory. */
const MAX_BUFFERED = 256 * 1024 * 1024;
const LOW_WATER = 8 * 1024 * 1024;
const LOOK_MS = 10;
const TRY_AGAIN_LATER = 1013;
const UNSUPPORTED_DATA = 1003;

export class WebSocketTransport implements Transport {
  onEnd: (() => void) | undefined;
  readonly #socket: WebSocket;
  #onMessage: ((message: string) => void) | undefined;
  #early: string[] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data, binary) => {
      if (binary) socket.close(UNSUPPORTED_DATA, 'text messages only');
      else if (this.#onMessage === undefined) this.#early.push(String(data));
      else this.#onMessage(String(data));
    });
    // ws closes the socket itself after an error, such as a message that is too large.
    socket.on('error', () => undefined);
    socket.once('close', () => this.onEnd?.());
  }

  get onMessage(): ((message: string) => void) | undefined {
    return this.#onMessage;
  }

  set onMessage(take: ((message: string) => void) | undefined) {
    this.#onMessage = take;
    for (const message of this.#early.splice(0)) take?.(message);
  }

  send(message: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_BUFFERED) this.#socket.close(TRY_AGAIN_LATER, 'too slow');
    else this.#socket.send(message);
  }

  async drained(): Promise<void> {
    const { OPEN } = this.#socket;
    while (this.#socket.readyState === OPEN && this.#socket.bufferedAmount > LOW_WATER) await delay(LOOK_MS);
  }

  dispose(): void {
    this.#socket.close();
  }
}
