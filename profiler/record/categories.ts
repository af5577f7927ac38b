// SPDX-License-Identifier: MIT
// --events: which categories of events a recording switches on.

import { CATEGORY } from '../../tracer/decode/events.gen.js';
import { LaunchError } from '../builds/errors.js';

export type Category = keyof typeof CATEGORY;

export const CATEGORIES = Object.keys(CATEGORY) as Category[];

/** The categories whose bits are set in a mask. */
export const categoriesOf = (mask: number): Category[] => CATEGORIES.filter((name) => (mask & CATEGORY[name]) !== 0);

/** Too many for every run: each allocation, each packet (and its bytes), each tracepoint of the core. */
const ON_REQUEST: readonly Category[] = ['kmem', 'net', 'tracepoint', 'packet'];

export const DEFAULT_CATEGORIES = CATEGORIES.filter((name) => !ON_REQUEST.includes(name));

/** `a,b` means these only; `+a,-b` changes the default (or what is recorded now); `all` is all. */
export function chooseCategories(text: string | undefined, base: readonly Category[] = DEFAULT_CATEGORIES): Category[] {
  if (text === undefined) return [...base];
  const words = text.split(',').filter((word) => word !== '');
  const changes = words.length > 0 && words.every((word) => /^[+-]/.test(word));
  const chosen = new Set<Category>(changes ? base : []);
  for (const word of words) {
    const name = word.replace(/^[+-]/, '');
    const names = name === 'all' ? CATEGORIES : CATEGORIES.filter((one) => one === name);
    if (names.length === 0) {
      throw new LaunchError(
        'ERR_DDE_OPTION',
        `--events: there is no category ${JSON.stringify(name)}; categories: ${CATEGORIES.join(', ')}`,
      );
    }
    for (const one of names) {
      if (word.startsWith('-')) chosen.delete(one);
      else chosen.add(one);
    }
  }
  return CATEGORIES.filter((one) => chosen.has(one));
}
