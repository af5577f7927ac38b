// SPDX-License-Identifier: MIT
// QEMU's machine protocol: JSON lines over a Unix socket.
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { WorldStop } from './world-stop.js';

const ANSWER_MS = 2000;

export class Qmp implements WorldStop {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, { resolve(): void; reject(error: Error): void }>();
  #id = 0;
  #closed: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => this.#take(line));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('QEMU has closed its QMP socket')));
    socket.unref();
  }

  /** Rejects when nobody listens there, or somebody else talks to QEMU already: its monitor takes one client. */
  static async open(path: string): Promise<Qmp> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const qmp = new Qmp(socket);
    try {
      await qmp.execute('qmp_capabilities');
    } catch (error) {
      qmp.close();
      throw error;
    }
    return qmp;
  }

  execute(command: string): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const id = ++this.#id;
    this.#socket.write(`${JSON.stringify({ execute: command, id })}\n`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`QEMU did not answer ${command} within ${ANSWER_MS} ms`));
      }, ANSWER_MS);
      this.#waiting.set(id, {
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  stop(): Promise<void> {
    return this.execute('stop');
  }

  cont(): Promise<void> {
    return this.execute('cont');
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(line: string): void {
    let message: { id?: number; error?: { desc?: string } };
    try {
      message = JSON.parse(line) as typeof message;
    } catch {
      return;
    }
    const waiting = message?.id === undefined ? undefined : this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id as number);
    if (message.error === undefined) waiting.resolve();
    else waiting.reject(new Error(`QEMU: ${message.error.desc ?? 'error'}`));
  }

  #end(error: Error): void {
    this.#closed ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
