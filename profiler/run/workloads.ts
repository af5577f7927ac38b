// SPDX-License-Identifier: MIT
// The workloads of a driver process (runtime/arch/dde/workload), their options, and the check of what a user wrote for them. The
// runtime reads numbers only: what a person would write is turned into that here.

import { LaunchError } from '../builds/errors.js';
import { EXPECTED_DURATION, parseDuration } from './duration.js';

type Kind = 'duration' | 'count' | 'bytes' | 'text';

export interface WorkloadOption {
  readonly name: string;
  readonly kind: Kind;
  readonly text: string;
}

export interface WorkloadRule {
  readonly name: string;
  readonly text: string;
  readonly options: readonly WorkloadOption[];
}

const option = (name: string, kind: Kind, text: string): WorkloadOption => ({ name, kind, text });
const DURATION = option(
  '--duration',
  'duration',
  'how long, such as 5s or 500ms (a whole number alone: seconds); 0: until Ctrl-C',
);

export const WORKLOADS: readonly WorkloadRule[] = [
  {
    name: 'ping',
    text: 'ICMP echo requests to the host',
    options: [
      option('--count', 'count', 'requests'),
      option('--interval', 'count', 'milliseconds between them'),
      option('--size', 'bytes', 'bytes of each'),
      option('--host', 'text', 'IPv4 address'),
      { ...DURATION, text: 'how long, such as 5s; instead of --count' },
    ],
  },
  {
    name: 'udp',
    text: 'datagrams that the host sends back',
    options: [
      option('--count', 'count', 'datagrams'),
      option('--size', 'bytes', 'bytes of each'),
      option('--window', 'count', 'datagrams under way at once'),
      { ...DURATION, text: 'how long, such as 5s; instead of --count' },
    ],
  },
  {
    name: 'tcp',
    text: 'a stream in each direction, compared at both ends',
    options: [
      option('--bytes', 'bytes', 'of each direction, such as 64M'),
      option('--direction', 'text', 'out, in or both'),
      { ...DURATION, text: 'how long each direction, such as 5s; instead of --bytes' },
    ],
  },
  {
    name: 'tap',
    text: 'the card as a network interface of this machine, for any program (root)',
    options: [
      option('--name', 'text', 'of the interface; default dde0 or the next'),
      option('--address', 'text', 'its IPv4 address, such as 10.0.2.15/24'),
      { ...DURATION, text: 'how long; left out or 0: until Ctrl-C' },
    ],
  },
  {
    name: 'block',
    text: 'writes to a disk, read back and compared',
    options: [
      option('--writes', 'count', 'writes'),
      option('--seed', 'count', 'of the random content'),
      option('--wait', 'count', 'seconds to wait for the disk'),
    ],
  },
  {
    name: 'ethtool-selftest',
    text: "the driver's own self-test",
    options: [option('--mode', 'text', 'offline or online')],
  },
  { name: 'rebind', text: 'unbind and bind the driver', options: [option('--count', 'count', 'times')] },
  {
    name: 'micro',
    text: 'times small operations of the runtime',
    options: [option('--rounds', 'count', 'rounds')],
  },
  {
    name: 'exec',
    text: 'a program of yours on the driver: exec PROGRAM [ARGUMENTS], as the last one',
    options: [],
  },
  { name: 'idle', text: 'nothing but wait', options: [DURATION] },
];

const EXPECTED: Readonly<Record<Kind, string>> = {
  duration: EXPECTED_DURATION,
  count: 'expected a whole number, 0 or more',
  bytes: 'expected a number of bytes, such as 1500 or 64M',
  text: 'expected a value',
};

/** The value as the runtime reads it (a number alone is seconds); undefined for nonsense. */
function given(kind: Kind, value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (kind === 'count') return /^\d+$/.test(value) ? value : undefined;
  if (kind === 'bytes') return /^\d+[KMG]?$/i.test(value) ? value : undefined;
  if (kind === 'text') return value.startsWith('--') ? undefined : value;
  const ns = parseDuration(value, { seconds: true });
  // Rounded up: the shortest time must not become 0, which means without end.
  if (ns === undefined) return undefined;
  return ns % 1e9 === 0 ? String(ns / 1e9) : `${Math.ceil(ns)}ns`;
}

/**
 * A workload as the driver process takes it. One that is not known here is the runtime's affair, and a program's arguments are its own.
 * @throws LaunchError for a value that the runtime would read as something else, and for an option that it would not look at
 */
export function workloadText(words: string): string {
  const [name = '', ...rest] = words.split(/\s+/).filter((word) => word !== '');
  const rule = WORKLOADS.find((one) => one.name === name);
  if (rule === undefined || name === 'exec') return words;
  const out = [name];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] as string;
    out.push(word);
    const known = rule.options.find((one) => one.name === word);
    if (known === undefined) {
      const has = rule.options.map((one) => one.name).join(', ');
      throw new LaunchError(
        'ERR_DDE_OPTION',
        `workload ${name}: no option "${word}"; ${has === '' ? 'it has none' : `expected ${has}`}`,
      );
    }
    const value = given(known.kind, rest[++i]);
    if (value === undefined) {
      const what = rest[i] === undefined ? 'a value is missing' : JSON.stringify(rest[i]);
      throw new LaunchError('ERR_DDE_OPTION', `workload ${name}: ${word}: ${what}; ${EXPECTED[known.kind]}`);
    }
    out.push(value);
  }
  return out.join(' ');
}
