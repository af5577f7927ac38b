// SPDX-License-Identifier: MIT
// A server for the Chrome DevTools protocol that knows nothing of what it debugs: give it backends.
export { Connection, type Method, type Methods, Session } from './connection.js';
export type { Discovery } from './discovery.js';
export { compatDomain } from './domains/compat.js';
export {
  type BreakpointRequest,
  type DebuggerBackend,
  debuggerDomain,
  type EvaluateRequest,
} from './domains/debugger.js';
export { profilerDomain, type RecorderBackend, type Recording } from './domains/profiler.js';
export { type RuntimeBackend, runtimeDomain } from './domains/runtime.js';
export { schemaDomain } from './domains/schema.js';
export { type ChildrenBackend, type ChildTarget, targetDomain } from './domains/target.js';
export { NullTransport } from './null-transport.js';
export { type Params, param, ProtocolError } from './protocol.js';
export {
  type Answer,
  type CdpServer,
  type CdpServerOptions,
  MAX_CLIENTS,
  MAX_MESSAGE,
  startCdpServer,
} from './server.js';
export type { Transport } from './transport.js';
