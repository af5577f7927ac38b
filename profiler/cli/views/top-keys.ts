// SPDX-License-Identifier: MIT
// The keys of `top`. Pure: from a state and what was typed to the next state.

import { KINDS, type Kind, type Sort, SORTS, type TopChoice } from './top.js';

export interface TopState extends TopChoice {
  readonly paused: boolean;
  /** A filter is being typed. */
  readonly typing: boolean;
  readonly quit: boolean;
}

export const START: TopState = { sort: 'time', kind: 'all', filter: '', paused: false, typing: false, quit: false };

export const KEY_HELP = 't time  c calls  s self  m mean  n name  k kind  / filter  space pause  q quit';

function next<T>(list: readonly T[], now: T): T {
  return list[(list.indexOf(now) + 1) % list.length] as T;
}

function typed(state: TopState, key: string): TopState {
  if (key === '\r' || key === '\n') return { ...state, typing: false };
  if (key === '\u001b') return { ...state, typing: false, filter: '' };
  if (key === '\u007f' || key === '\b') return { ...state, filter: state.filter.slice(0, -1) };
  return /^[ -~]$/.test(key) ? { ...state, filter: state.filter + key } : state;
}

export function onKey(state: TopState, key: string): TopState {
  if (key === '\u0003') return { ...state, quit: true };
  if (state.typing) return typed(state, key);
  if (key === 'q') return { ...state, quit: true };
  if (key === '/') return { ...state, typing: true, filter: '' };
  if (key === 'k') return { ...state, kind: next<Kind>(KINDS, state.kind) };
  if (key === ' ') return { ...state, paused: !state.paused };
  if (key === '\u001b') return { ...state, filter: '' };
  const sort = SORTS.find((one: Sort) => one.startsWith(key));
  return sort === undefined || key === '' ? state : { ...state, sort };
}

/** What a terminal sends, key by key; sequences of cursor keys and the like are left out. */
export function keysOf(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a terminal sends
  return [...text.replace(/\u001b[[O][0-9;]*[A-Za-z~]/g, '')];
}
