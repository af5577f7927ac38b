// SPDX-License-Identifier: MIT

export type TraceErrorCode = 'ERR_DDE_TRACE_FORMAT' | 'ERR_DDE_TRACE_VERSION' | 'ERR_DDE_TRACE_IO';

/** A file that cannot be opened as a trace. Damage inside a trace is no error: see Trace.corrupt. */
export class TraceError extends Error {
  readonly code: TraceErrorCode;

  constructor(code: TraceErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TraceError';
    this.code = code;
  }
}

export const notATrace = (path: string): TraceError =>
  new TraceError('ERR_DDE_TRACE_FORMAT', `${path} is not a trace of dde-profile`);

export const newerVersion = (path: string, needs: number, knows: number): TraceError =>
  new TraceError(
    'ERR_DDE_TRACE_VERSION',
    `${path} was written by a newer version: it needs a reader of format ${needs}, this one knows format ${knows}`,
  );

export const unreadable = (path: string, cause: unknown): TraceError =>
  new TraceError(
    'ERR_DDE_TRACE_IO',
    `cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  );
