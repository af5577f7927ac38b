// SPDX-License-Identifier: MIT
// Starts the traffic peers in a worker thread: they end with the tool, whatever ends it.

import { Worker } from 'node:worker_threads';
import type { TcpReport } from './tcp-peer.js';

export interface PeerRequest {
  /** Where the driver is; default: behind QEMU's network, on 127.0.0.1. */
  readonly host?: string;
  readonly tcpPort?: number;
  /** Directions after which it connects no more; default: until it is stopped. */
  readonly tcpFlows?: number;
  readonly udpPort?: number;
}

export interface Peer {
  /** The directions that have finished so far. */
  readonly reports: readonly TcpReport[];
  /** Returns when the worker has ended, which it may have done before. */
  stop(): Promise<void>;
}

/** How long a peer may take to close its sockets. */
const STOP_MS = 500;

/** `onError`: a fault of the peer itself, not of the connection. */
export function startPeer(
  request: PeerRequest,
  onError: (error: unknown) => void,
  onReport: (report: TcpReport) => void = () => undefined,
  script: URL = new URL('./worker.js', import.meta.url),
): Peer {
  const worker = new Worker(script, { workerData: request });
  const reports: TcpReport[] = [];
  worker.on('message', (report: TcpReport) => {
    reports.push(report);
    onReport(report);
  });
  worker.on('error', onError);
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
  });
  return {
    reports,
    async stop() {
      worker.postMessage('stop');
      const timer = setTimeout(() => void worker.terminate(), STOP_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
