// SPDX-License-Identifier: MIT
// The thread that the peers run in, so that hashing and decoding do not slow each other.

import { parentPort, workerData } from 'node:worker_threads';
import { TcpPeer } from './tcp-peer.js';
import { UdpPeer } from './udp-peer.js';
import type { PeerRequest } from './peer.js';

const request = workerData as PeerRequest;
const port = parentPort;
if (port === null) throw new Error('profiler/run/peer/worker.js is started by profiler/run/peer/peer.js');

const where = request.host === undefined ? {} : { host: request.host };

function tcpPeer(tcpPort: number, to: NonNullable<typeof port>): TcpPeer {
  let left = request.tcpFlows ?? Number.POSITIVE_INFINITY;
  const peer = TcpPeer.start({
    ...where,
    port: tcpPort,
    onReport: (report) => {
      to.postMessage(report);
      if (--left === 0) peer.finish();
    },
  });
  return peer;
}

const peers = [
  ...(request.tcpPort === undefined ? [] : [tcpPeer(request.tcpPort, port)]),
  ...(request.udpPort === undefined ? [] : [UdpPeer.start({ ...where, port: request.udpPort })]),
];

port.once('message', () => {
  for (const peer of peers) peer.close();
  port.close();
});
