// SPDX-License-Identifier: MIT
// Commands to gdb and their answers, matched by token. gdb works on one command after the other in the order of their arrival.
import { MiClosedError, MiError } from './errors.js';
import { LineSplitter } from './lines.js';
import { type MiRecord, parseRecord } from './parse.js';
import { type MiTuple, text } from './value.js';

/** Where the client writes to: gdb's stdin, or a test. */
export interface MiSink {
  write(text: string): void;
}

export type MiEvent = Exclude<MiRecord, { type: 'result' } | { type: 'prompt' }>;

interface Waiting {
  readonly command: string;
  readonly resolve: (results: MiTuple) => void;
  readonly reject: (error: Error) => void;
}

/** An argument as gdb's parser wants it: in quotes, on one line. */
export function quote(argument: string): string {
  const escaped = argument.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\0/g, '');
  return `"${escaped}"`;
}

export class MiClient {
  readonly #sink: MiSink;
  readonly #listeners = new Set<(event: MiEvent) => void>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #splitter: LineSplitter;
  #token = 1;
  #ended: string | undefined;

  constructor(sink: MiSink) {
    this.#sink = sink;
    this.#splitter = new LineSplitter(
      (line) => this.#take(parseRecord(line)),
      (bytes) => this.#emit({ type: 'malformed', line: `(a line of ${bytes} bytes)`, at: 0 }),
    );
  }

  /** Bytes from gdb's stdout. */
  feed(chunk: Buffer): void {
    this.#splitter.feed(chunk);
  }

  /** gdb has ended: what is waiting is rejected, and so is what comes. */
  end(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    for (const { reject } of this.#waiting.values()) reject(new MiClosedError(reason));
    this.#waiting.clear();
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Calls a listener for everything that is no answer; returns what ends that. */
  onEvent(listener: (event: MiEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves with the results of `^done`, `^running` or `^connected`; rejects with gdb's message. */
  send(command: string): Promise<MiTuple> {
    return this.batch([command])[0] as Promise<MiTuple>;
  }

  /**
   * Several commands with no other one between them: they leave in one write, and gdb keeps the order. Each has an answer of its own;
   * one that fails does not keep the next from running.
   */
  batch(commands: readonly string[]): Promise<MiTuple>[] {
    if (this.#ended !== undefined) {
      const reason = this.#ended;
      return commands.map(() => Promise.reject(new MiClosedError(reason)));
    }
    let lines = '';
    const answers = commands.map((command) => {
      if (/[\n\r\0]/.test(command)) return Promise.reject(new MiError(command, 'a command must be one line'));
      const token = this.#token++;
      lines += `${token}${command}\n`;
      return new Promise<MiTuple>((resolve, reject) => this.#waiting.set(token, { command, resolve, reject }));
    });
    if (lines !== '') this.#sink.write(lines);
    return answers;
  }

  /**
   * A command inside of a CLI command, such as `with may-write-memory off --`: one command for gdb, so nothing of the program is
   * handled while the setting is another. gdb prints the inner answer as console text.
   */
  nested(prefix: string, command: string): Promise<MiTuple> {
    if (/[\n\r\0]/.test(command)) return Promise.reject(new MiError(command, 'a command must be one line'));
    const token = this.#token++;
    const inner = new Promise<MiTuple>((resolve, reject) => this.#waiting.set(token, { command, resolve, reject }));
    const outer = this.send(
      `-interpreter-exec console ${quote(`${prefix} interpreter-exec mi ${quote(`${token}${command}`)}`)}`,
    );
    const unanswered = (error: Error): void => {
      const waiting = this.#waiting.get(token);
      this.#waiting.delete(token);
      waiting?.reject(error);
    };
    outer.then(
      () => unanswered(new MiError(command, 'gdb gave no answer')),
      (error: Error) => unanswered(error),
    );
    return inner;
  }

  #take(record: MiRecord): void {
    if (record.type === 'prompt') return;
    if (record.type === 'console' && this.#takeNested(record.text)) return;
    if (record.type !== 'result') {
      this.#emit(record);
      return;
    }
    const waiting = record.token === undefined ? undefined : this.#waiting.get(record.token);
    if (waiting === undefined) return;
    this.#waiting.delete(record.token as number);
    if (record.class === 'error') {
      waiting.reject(new MiError(waiting.command, text(record.results, 'msg') ?? 'gdb gave no reason'));
    } else waiting.resolve(record.results);
  }

  #takeNested(line: string): boolean {
    const token = /^(\d+)\^/.exec(line)?.[1];
    if (token === undefined || !this.#waiting.has(Number(token))) return false;
    // The text is UTF-8 by now; the parser wants bytes.
    this.#take(parseRecord(Buffer.from(line.replace(/\n$/, ''))));
    return true;
  }

  #emit(event: MiEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
