// SPDX-License-Identifier: MIT
// Errors in callbacks: of timers, of a process's events, of workers. Nobody waits for a callback, so its error has to be carried to
// whoever waits for the whole.

/** Keeps the first error of callbacks; `signal` tells that there is one. */
export class FirstFault {
  readonly #abort = new AbortController();
  #error: unknown;

  /** Aborted by the first error. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  report(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    this.#error = error;
    this.#abort.abort();
  }

  /** The callback, whose errors end here. */
  guard<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      try {
        callback(...args);
      } catch (error) {
        this.report(error);
      }
    };
  }

  /** Throws what was reported first. */
  throwIfAny(): void {
    if (this.#abort.signal.aborted) throw this.#error;
  }
}
