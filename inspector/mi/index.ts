// SPDX-License-Identifier: MIT
export { type MiEvent, type MiSink, quote } from './client.js';
export { MiClosedError, MiError } from './errors.js';
export { type GdbProcess, startGdb } from './process.js';
export type { MiRecord } from './parse.js';
export { isTuple, type MiList, type MiTuple, type MiValue, number, text } from './value.js';
export * from './commands.js';
