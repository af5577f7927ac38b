// SPDX-License-Identifier: MIT
// From the engine's message to ours: what is wrong, and on which line.

import { QueryError } from '../errors.js';

/** `LINE 3: ...` and the caret below it are kept as the engine draws them. */
export function placeOf(sql: string, error: Error): QueryError {
  const message = error.message.replace(/^Failed to extract statements: /, '');
  if (/INTERRUPT/i.test(message.split('\n', 1)[0] ?? '')) {
    const stopped = new QueryError('ERR_DDE_QUERY_SQL', 'interrupted', undefined, error);
    stopped.name = 'AbortError';
    return stopped;
  }
  if (/^Permission Error|file system operations are disabled/.test(message)) {
    return new QueryError(
      'ERR_DDE_QUERY_FORBIDDEN',
      message.replace(/^Permission Error: /, '').split('\n')[0] ?? message,
      'SQL may read the recording and nothing else. --allow-files DIR lets it read and write files in DIR.',
      error,
    );
  }
  if (/^IO Error.*(No space left|Could not write)/s.test(message)) {
    const full = Object.assign(new QueryError('ERR_DDE_QUERY_ENGINE', message, undefined, error), { code: 'ENOSPC' });
    return full as QueryError;
  }
  if (/^(Invalid Input|Invalid) Error.*parquet|^(IO|Invalid Input) Error.*(magic|footer|Parquet)/is.test(message)) {
    return new QueryError(
      'ERR_DDE_QUERY_SET',
      `the tables are damaged: ${message.split('\n')[0]}`,
      'Remove the folder; the next query makes its tables anew.',
      error,
    );
  }
  const line = /LINE (\d+):/.exec(message)?.[1] ?? lastLine(sql, message);
  const [kind = 'error', ...rest] = message.split(': ');
  const where = line === undefined ? '' : ` in line ${line}`;
  return new QueryError(
    'ERR_DDE_QUERY_SQL',
    `SQL: ${kind.toLowerCase().replace(/ error$/, ' error')}${where}: ${rest.join(': ').trim()}`,
    /^Catalog Error|^Binder Error/.test(message) ? '`dde-profile query --schema` lists tables and columns.' : undefined,
    error,
  );
}

function lastLine(sql: string, message: string): string | undefined {
  return /end of input/.test(message) ? String(sql.trimEnd().split('\n').length) : undefined;
}
