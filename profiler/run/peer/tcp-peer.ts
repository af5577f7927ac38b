// SPDX-License-Identifier: MIT
// The other end of the `tcp` workload: connects to the port that QEMU forwards to the driver process.

import { type Socket, connect } from 'node:net';
import xxhash from 'xxhash-wasm';
import {
  type Direction,
  FRAME_BYTES,
  FrameReceiver,
  FrameSource,
  HELLO_BYTES,
  type StreamSum,
  TRAILER_BYTES,
  decodeSum,
  encodeSum,
  parseHello,
  sameSum,
} from './tcp-stream.js';

/** One finished direction, as the peer saw it. */
export interface TcpReport {
  readonly type: 'tcp';
  readonly direction: Direction;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly sentHash: string;
  readonly receivedHash: string;
  readonly equal: boolean;
  readonly seconds: number;
}

export interface TcpPeerOptions {
  readonly port: number;
  readonly host?: string;
  /** How long a connection may stay without the driver's hello before it is made anew. */
  readonly helloMs?: number;
  readonly retryMs?: number;
  readonly onReport: (report: TcpReport) => void;
}

const READ_BUFFER = 1024 * 1024;
const UNSENT_BYTES = 8 * FRAME_BYTES;

type Phase = (chunk: Buffer) => void;

/** Serves one direction after the other until closed. QEMU accepts at once and hangs up when nobody listens behind it. */
export class TcpPeer {
  readonly #options: Required<TcpPeerOptions>;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(options: TcpPeerOptions) {
    this.#options = { host: '127.0.0.1', helloMs: 10_000, retryMs: 100, ...options };
  }

  static start(options: TcpPeerOptions): TcpPeer {
    const peer = new TcpPeer(options);
    peer.#connect();
    return peer;
  }

  /** What is under way ends as it will; then it connects no more. */
  finish(): void {
    this.#closed = true;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #connect(): void {
    if (this.#closed) return;
    const { host, port, helloMs } = this.#options;
    let phase: Phase | undefined;
    let early = Buffer.alloc(0);
    const socket = connect({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(READ_BUFFER),
        callback: (count, buffer) => {
          const chunk = (buffer as Buffer).subarray(0, count);
          if (phase !== undefined) {
            phase(chunk);
            return true;
          }
          early = Buffer.concat([early, chunk]);
          if (early.length < HELLO_BYTES) return true;
          clearTimeout(this.#timer);
          const direction = parseHello(early);
          if (direction === undefined) {
            socket.destroy();
            return true;
          }
          phase = direction === 'out' ? this.#receive(socket) : this.#send(socket);
          if (early.length > HELLO_BYTES) phase(early.subarray(HELLO_BYTES));
          return true;
        },
      },
    });
    this.#socket = socket;
    this.#timer = setTimeout(() => socket.destroy(), helloMs);
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(this.#timer);
      if (this.#closed) return;
      // A finished direction is followed by the next one at once; anything else waits a moment.
      this.#timer = setTimeout(() => this.#connect(), phase === undefined ? this.#options.retryMs : 0);
    });
  }

  #receive(socket: Socket): Phase {
    const started = performance.now();
    const ready = hashers.then((make) => new FrameReceiver(make()));
    return queued(ready, (receiver, chunk) => {
      if (receiver.claimed !== undefined) return;
      receiver.push(chunk);
      const claimed = receiver.claimed as StreamSum | undefined;
      if (claimed === undefined) return;
      const got = receiver.sum();
      socket.write(encodeSum(got));
      this.#report('out', claimed, got, started);
    });
  }

  #send(socket: Socket): Phase {
    const started = performance.now();
    let stop = false;
    let sent: StreamSum | undefined;
    const answer = Buffer.alloc(TRAILER_BYTES);
    let have = 0;
    const ready = hashers.then((make) => {
      const source = new FrameSource(make());
      const pump = (): void => {
        while (!stop && !socket.destroyed) {
          // A frame's memory is used again 15 frames later: at most 9 are unsent.
          if (socket.writableLength > UNSENT_BYTES) {
            socket.once('drain', pump);
            return;
          }
          socket.write(source.next());
        }
        if (sent === undefined && !socket.destroyed) {
          const end = source.end();
          sent = end.sum;
          socket.write(end.tail);
        }
      };
      pump();
      return source;
    });
    return queued(ready, (_source, chunk) => {
      for (const byte of chunk) {
        if (!stop) {
          stop = byte === 0x53;
          continue;
        }
        if (have < TRAILER_BYTES) answer[have++] = byte;
        if (have === TRAILER_BYTES && sent !== undefined) {
          have++;
          this.#report('in', sent, decodeSum(answer), started);
        }
      }
    });
  }

  #report(direction: Direction, sent: StreamSum, received: StreamSum, started: number): void {
    this.#options.onReport({
      type: 'tcp',
      direction,
      sentBytes: Number(sent.bytes),
      receivedBytes: Number(received.bytes),
      sentHash: hex(sent.hash),
      receivedHash: hex(received.hash),
      equal: sameSum(sent, received),
      seconds: (performance.now() - started) / 1000,
    });
  }
}

const hashers = xxhash().then((api) => () => api.create64(0n));

function hex(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}

/** Chunks are views of a buffer that is used again: those that come before `ready` are copied and kept in order. */
function queued<T>(ready: Promise<T>, take: (value: T, chunk: Buffer) => void): Phase {
  let value: T | undefined;
  const waiting: Buffer[] = [];
  void ready.then((made) => {
    value = made;
    for (const chunk of waiting) take(made, chunk);
    waiting.length = 0;
  });
  return (chunk) => {
    if (value === undefined) waiting.push(Buffer.from(chunk));
    else take(value, chunk);
  };
}
