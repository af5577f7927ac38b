// SPDX-License-Identifier: MIT

export type ExportErrorCode = 'ERR_DDE_EXPORT_FORMAT' | 'ERR_DDE_EXPORT_NO_TIMELINE';

export class ExportError extends Error {
  override readonly name = 'ExportError';
  readonly code: ExportErrorCode;

  constructor(code: ExportErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function unknownFormat(name: string, known: readonly string[]): ExportError {
  return new ExportError('ERR_DDE_EXPORT_FORMAT', `unknown export format '${name}'; known: ${known.join(', ')}`);
}

export function noTimeline(name: string): ExportError {
  return new ExportError(
    'ERR_DDE_EXPORT_NO_TIMELINE',
    `format '${name}' needs calls in time order, and this profile was built without them`,
  );
}
