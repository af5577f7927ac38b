// SPDX-License-Identifier: MIT
// What a driver offers to programs, as `driver --offers` (runtime/ddekit/program/offers.c) tells it.

const KINDS = ['char', 'block', 'net', 'sys', 'proc'] as const;

export interface Offer {
  readonly kind: (typeof KINDS)[number];
  /** A path as programs open it; of `net` the name of the interface. */
  readonly path: string;
  /** MAJOR:MINOR of a device node. */
  readonly number?: string;
  /** The folder below /sys/devices. */
  readonly device?: string;
}

export function parseOffers(text: string): Offer[] {
  return text.split('\n').flatMap((line) => {
    const [kind, path, number, device] = line.split('\t');
    const known = KINDS.find((one) => one === kind);
    if (known === undefined || path === undefined) return [];
    return [{ kind: known, path, ...(number ? { number } : {}), ...(device ? { device } : {}) }];
  });
}
