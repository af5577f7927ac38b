// SPDX-License-Identifier: MIT
import { extname } from 'node:path';

/** x.ddet -> x.warning1.ddet */
export function numbered(file: string, number: number, kind = 'warning'): string {
  const extension = extname(file);
  return `${file.slice(0, file.length - extension.length)}.${kind}${number}${extension}`;
}
