// SPDX-License-Identifier: MIT
// Encoded arguments of calls, remembered by value: a driver's calls use the same few thousand addresses and sizes again and again.

import type { CallArg, CallWordsReader, Frame } from '../../model/index.js';

const REMEMBERED = 1 << 14;

export class ArgBytes {
  private readonly known = new Map<CallArg, Map<number, Uint8Array>>();
  private readonly encode: (arg: CallArg, word: number) => Uint8Array;
  private readonly parts: Uint8Array[] = [];

  constructor(encode: (arg: CallArg, word: number) => Uint8Array) {
    this.encode = encode;
  }

  private of(arg: CallArg, word: number): Uint8Array {
    let values = this.known.get(arg);
    if (values === undefined) {
      values = new Map();
      this.known.set(arg, values);
    }
    let bytes = values.get(word);
    if (bytes === undefined) {
      if (values.size >= REMEMBERED) values.clear();
      bytes = this.encode(arg, word);
      values.set(word, bytes);
    }
    return bytes;
  }

  /** The arguments that an entry recorded, in their order. Valid until the next call of this or returned(). */
  entered(frame: Frame | undefined, words: CallWordsReader, event: number | undefined): readonly Uint8Array[] {
    this.parts.length = 0;
    const row = frame?.signature === undefined || event === undefined ? undefined : words.take(event);
    if (row === undefined) return this.parts;
    for (const arg of frame?.signature?.args ?? []) {
      const word = arg.word === undefined ? undefined : row[arg.word];
      if (word !== undefined) this.parts.push(this.of(arg, word));
    }
    return this.parts;
  }

  /** What an exit recorded: one part or none. */
  returned(frame: Frame | undefined, words: CallWordsReader, event: number | undefined): readonly Uint8Array[] {
    this.parts.length = 0;
    const returns = frame?.signature?.returns;
    const word = returns === undefined || event === undefined ? undefined : words.take(event)?.[0];
    if (returns !== undefined && word !== undefined) this.parts.push(this.of(returns, word));
    return this.parts;
  }

  /** The arguments of a call and what it returned (NaN: not recorded). */
  call(
    frame: Frame | undefined,
    words: CallWordsReader,
    event: number | undefined,
    returned = Number.NaN,
  ): readonly Uint8Array[] {
    this.entered(frame, words, event);
    const returns = frame?.signature?.returns;
    if (returns !== undefined && !Number.isNaN(returned)) this.parts.push(this.of(returns, returned));
    return this.parts;
  }
}
