// SPDX-License-Identifier: MIT
// Arguments and return values of calls: what a function's words mean, and the words of each call of a thread, by the number of
// the event in its timeline.

/** One argument of a function, or what it returns. */
export interface CallArg {
  readonly name: string;
  /** As C has it. */
  readonly type: string;
  /** 0 = first word of an entry; undefined: nobody records it. */
  readonly word?: number;
  readonly format: 'dec' | 'hex' | 'sym' | 'enum';
  /** The recorded word as a number: cut to the argument's width, with its sign. */
  value(word: number): number;
  /** The recorded word as a reader wants it: a number, `0x1f`, an enum's name, a function's. */
  show(word: number): number | string;
}

export interface Signature {
  readonly args: readonly CallArg[];
  readonly returns?: CallArg;
}

/** How many words may still be kept: one for all threads of a profile. */
export interface WordBudget {
  left: number;
  /** Calls whose words were not kept. */
  dropped: number;
}

/** Rows of `event, n, n words` in one array. */
export class CallWords {
  words = new Uint32Array(0);
  length = 0;
  private readonly budget: WordBudget;

  constructor(budget: WordBudget) {
    this.budget = budget;
  }

  /** `more[from, from + n)` are the words behind the first. */
  add(event: number, first: number, more: Uint32Array, from: number, n: number): void {
    const size = 3 + n;
    if (this.budget.left < size) {
      this.budget.dropped++;
      return;
    }
    this.budget.left -= size;
    let at = this.length;
    if (at + size > this.words.length) {
      const wider = new Uint32Array(Math.max(256, this.words.length * 2));
      wider.set(this.words);
      this.words = wider;
    }
    const { words } = this;
    words[at++] = event;
    words[at++] = 1 + n;
    words[at++] = first;
    for (let i = 0; i < n; i++) words[at++] = more[from + i] as number;
    this.length = at;
  }
}

/** Reads the rows along with the timeline: events are asked for in their order. */
export class CallWordsReader {
  private at = 0;
  private readonly rows: CallWords | undefined;

  constructor(rows: CallWords | undefined) {
    this.rows = rows;
  }

  /** The words of an event; undefined when there are none. Valid until the next call. */
  take(event: number): Uint32Array | undefined {
    const { rows } = this;
    if (rows === undefined) return undefined;
    while (this.at < rows.length && (rows.words[this.at] as number) < event)
      this.at += 2 + (rows.words[this.at + 1] as number);
    if (this.at >= rows.length || rows.words[this.at] !== event) return undefined;
    return rows.words.subarray(this.at + 2, this.at + 2 + (rows.words[this.at + 1] as number));
  }
}

/** The arguments of an entry by name. */
export function shownArgs(signature: Signature, words: Uint32Array): Record<string, number | string> {
  const out: Record<string, number | string> = {};
  for (const arg of signature.args) {
    const word = arg.word === undefined ? undefined : words[arg.word];
    if (word !== undefined) out[arg.name] = arg.show(word);
  }
  return out;
}
