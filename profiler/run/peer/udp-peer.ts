// SPDX-License-Identifier: MIT
// The other end of the `udp` workload: says hello until the driver's first datagram comes, then echoes every datagram.

import { createSocket } from 'node:dgram';

export interface UdpPeerOptions {
  readonly port: number;
  readonly host?: string;
  readonly helloMs?: number;
}

export class UdpPeer {
  readonly #socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 });
  #timer: NodeJS.Timeout | undefined;
  #echoed = 0;

  private constructor(options: UdpPeerOptions) {
    const { port, host = '127.0.0.1', helloMs = 100 } = options;
    const hello = Buffer.from('DDEUDPHI', 'latin1');
    this.#socket.on('error', () => undefined);
    this.#socket.on('message', (datagram) => {
      clearInterval(this.#timer);
      this.#echoed++;
      this.#socket.send(datagram);
    });
    this.#socket.connect(port, host, () => {
      this.#timer = setInterval(() => this.#socket.send(hello), helloMs);
      this.#socket.send(hello);
    });
  }

  static start(options: UdpPeerOptions): UdpPeer {
    return new UdpPeer(options);
  }

  get echoed(): number {
    return this.#echoed;
  }

  close(): void {
    clearInterval(this.#timer);
    try {
      this.#socket.close();
    } catch {
      // It was closed before.
    }
  }
}
