// SPDX-License-Identifier: MIT
// Takes apart what comes over the guest's second serial line: the command's output, and between it lines that begin with
// the run's nonce and are meant for the harness.

import { StringDecoder } from 'node:string_decoder';

export class OutputReader {
  /** The command's stdout and stderr. */
  output = '';
  /** Its exit code, once the guest told it. */
  code: number | undefined;
  started = false;
  /** What the guest could not do before the command, or QEMU at its wish. */
  readonly failures: string[] = [];

  readonly #nonce: string;
  readonly #onOutput: ((text: string) => void) | undefined;
  readonly #onQmp: (text: string) => Promise<unknown>;
  readonly #decoder = new StringDecoder('utf8');
  readonly #asked: Promise<void>[] = [];
  #rest = '';

  constructor(
    nonce: string,
    onOutput: ((text: string) => void) | undefined,
    onQmp: (text: string) => Promise<unknown>,
  ) {
    this.#nonce = nonce;
    this.#onOutput = onOutput;
    this.#onQmp = onQmp;
  }

  push(bytes: Buffer): void {
    this.#rest += this.#decoder.write(bytes);
    for (;;) {
      const start = this.#rest.indexOf(`\n${this.#nonce} `);
      if (start < 0) break;
      const end = this.#rest.indexOf('\n', start + 1);
      if (end < 0) {
        this.#emit(this.#rest.slice(0, start));
        this.#rest = this.#rest.slice(start);
        return;
      }
      this.#emit(this.#rest.slice(0, start));
      this.#take(this.#rest.slice(start + this.#nonce.length + 2, end));
      this.#rest = this.#rest.slice(end + 1);
    }
    // A line for the harness may begin here: it is at most as long as the nonce that is awaited.
    const keep = this.#rest.lastIndexOf('\n');
    const cut = keep >= 0 && keep >= this.#rest.length - this.#nonce.length - 2 ? keep : this.#rest.length;
    this.#emit(this.#rest.slice(0, cut));
    this.#rest = this.#rest.slice(cut);
  }

  /** Waits for what QEMU was asked to do. */
  async finish(): Promise<void> {
    this.#emit(this.#rest);
    this.#rest = '';
    await Promise.all(this.#asked);
  }

  #emit(text: string): void {
    if (text === '') return;
    this.output += text;
    this.#onOutput?.(text);
  }

  #take(line: string): void {
    const [word = '', ...rest] = line.split(' ');
    const text = rest.join(' ');
    if (word === 'start') this.started = true;
    else if (word === 'exit') this.code = Number(text);
    else if (word === 'fail') this.failures.push(`guest: ${text} failed`);
    else if (word === 'qmp') {
      const asked = this.#onQmp(text).then(
        () => undefined,
        (error: unknown) => {
          this.failures.push(error instanceof Error ? error.message : String(error));
        },
      );
      this.#asked.push(asked);
    }
  }
}
