// SPDX-License-Identifier: MIT
// Faults that a user of `query` can meet. The text states facts; the CLI adds the exit code.

export type QueryErrorCode =
  | 'ERR_DDE_QUERY_SQL'
  | 'ERR_DDE_QUERY_FORBIDDEN'
  | 'ERR_DDE_QUERY_SET'
  | 'ERR_DDE_QUERY_ENGINE';

export class QueryError extends Error {
  readonly code: QueryErrorCode;
  readonly advice: string | undefined;

  constructor(code: QueryErrorCode, message: string, advice?: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'QueryError';
    this.code = code;
    this.advice = advice;
  }
}
