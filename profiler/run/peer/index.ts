// SPDX-License-Identifier: MIT
export { freeTcpPort, freeUdpPort } from './free-port.js';
export { type Peer, type PeerRequest, startPeer } from './peer.js';
export type { TcpReport } from './tcp-peer.js';
