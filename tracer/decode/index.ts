// SPDX-License-Identifier: MIT
export {
  argReader,
  bytesArg,
  callArgs,
  enumName,
  eventArgs,
  findSymbol,
  numericArg,
  siteArgValue,
  siteArgWord,
  symbolName,
  textArg,
} from './args.js';
export { FILE_VERSION } from './chunks.js';
export { TraceError, type TraceErrorCode } from './errors.js';
export { CATEGORY, ENUMS, EV, EVENT_TABLE } from './events.gen.js';
export type { EventArgs } from './event-types.gen.js';
export {
  type CallHandler,
  type EventHandler,
  type EventRows,
  type ForEachOptions,
  type Handlers,
  openRecording,
  Recording,
} from './recording.js';
export { openTrace } from './trace.js';
export * from './types.js';
