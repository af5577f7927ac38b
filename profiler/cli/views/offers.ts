// SPDX-License-Identifier: MIT
// What a driver offers to programs, for people.

import type { Offer } from '../../run/index.js';

const HEADINGS: Readonly<Record<Offer['kind'], string>> = {
  char: 'Character devices',
  block: 'Block devices',
  net: 'Network interfaces',
  sys: 'PCI devices',
  proc: 'Files below /proc',
};

export function renderOffers(offers: readonly Offer[]): string {
  if (offers.length === 0) return 'The driver offers nothing that a program could open.\n';
  const width = Math.max(...offers.map((one) => one.path.length));
  const out: string[] = [];
  for (const [kind, heading] of Object.entries(HEADINGS)) {
    const some = offers.filter((one) => one.kind === kind);
    if (some.length === 0) continue;
    out.push(`${heading}:`);
    for (const { path, number = '', device } of some)
      out.push(
        `  ${path.padEnd(width)}  ${number.padEnd(9)}${device === undefined ? '' : `/sys/devices/${device}`}`.trimEnd(),
      );
  }
  return `${out.join('\n')}\n`;
}
