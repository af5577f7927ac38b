// SPDX-License-Identifier: MIT
// Starts the traffic peers in a worker thread: they end with the tool, whatever ends it.

import { Worker } from 'node:worker_threads';
import type { TcpReport } from './tcp-peer.js';

export interface PeerRequest {
  readonly tcpPort?: number;
  readonly udpPort?: number;
}

export interface Peer {
  /** The directions that have finished so far. */
  readonly reports: readonly TcpReport[];
  stop(): Promise<void>;
}

export function startPeer(request: PeerRequest): Peer {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: request });
  const reports: TcpReport[] = [];
  worker.on('message', (report: TcpReport) => reports.push(report));
  worker.on('error', () => undefined);
  return {
    reports,
    async stop() {
      worker.postMessage('stop');
      const timer = setTimeout(() => void worker.terminate(), 500);
      await new Promise<void>((resolve) => {
        worker.once('exit', () => resolve());
      });
      clearTimeout(timer);
    },
  };
}
