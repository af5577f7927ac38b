// SPDX-License-Identifier: MIT
// How a recording ended, for record and attach: the same lines, the same JSON.

import { fileSize } from '../../show/index.js';
import { leftOut, notSwitched } from '../options/recording.js';

export interface Totals {
  readonly produced: number;
  readonly recorded: number;
  readonly lost: number;
  readonly filtered: number;
  readonly bytes: number;
  readonly skippedSites: number;
  readonly error?: string | undefined;
}

export const NOTHING: Totals = { produced: 0, recorded: 0, lost: 0, filtered: 0, bytes: 0, skippedSites: 0 };

export function traceJson(file: string, totals: Totals): object {
  const { produced, recorded, lost, filtered, bytes, skippedSites, error } = totals;
  return { file, produced, recorded, lost, filtered, bytes, skippedSites, error: error ?? null };
}

export function traceLine(file: string, totals: Totals, options: { readonly minDuration?: number }): string {
  const { produced, recorded, lost, bytes } = totals;
  return (
    `trace: ${recorded} events recorded, ${lost} lost${leftOut(totals, options)} (${produced} produced), ${fileSize(bytes)}\n` +
    `${notSwitched(totals)}${file}\n`
  );
}
