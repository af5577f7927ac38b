// SPDX-License-Identifier: MIT
// Bytes to lines. A line that grows beyond the limit is dropped to its end, and told.

const NEWLINE = 10;
/** A backtrace of thousands of frames takes a few MB; what is longer is a broken stream. */
const MAX_LINE = 64 * 1024 * 1024;

export class LineSplitter {
  readonly #take: (line: Buffer) => void;
  readonly #overflow: (bytes: number) => void;
  readonly #limit: number;
  #parts: Buffer[] = [];
  #size = 0;
  #dropping = false;

  constructor(take: (line: Buffer) => void, overflow: (bytes: number) => void, limit: number = MAX_LINE) {
    this.#take = take;
    this.#overflow = overflow;
    this.#limit = limit;
  }

  feed(chunk: Buffer): void {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from);
      this.#add(chunk.subarray(from, end < 0 ? chunk.length : end));
      if (end < 0) return;
      this.#finish();
      from = end + 1;
    }
  }

  #add(part: Buffer): void {
    this.#size += part.length;
    if (this.#size > this.#limit) {
      this.#parts = [];
      this.#dropping = true;
    }
    if (!this.#dropping && part.length > 0) this.#parts.push(part);
  }

  #finish(): void {
    if (this.#dropping) this.#overflow(this.#size);
    else this.#take(this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts));
    this.#parts = [];
    this.#size = 0;
    this.#dropping = false;
  }
}
