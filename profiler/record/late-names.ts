// SPDX-License-Identifier: MIT
// Names for the arguments of functions that somebody switches on while they are recorded: who changes a recording (control) cannot
// write into its file, and prototypes of all functions of a kernel are too many to be written always.

import type { Region } from '../../tracer/recorder/addon.js';
import { ElfError } from '../../tracer/elf/elf.js';
import { type Prototypes, readPrototypes } from '../../tracer/symbols/index.js';
import { isSet } from './bits.js';
import { describeSites, functionOf } from './call-arguments.js';
import type { Build, Site } from '../builds/manifest.js';

export interface NamedSites {
  readonly build: Build;
  readonly sites: readonly Site[];
  /** The sites that `prototypes` is of. */
  readonly chosen: readonly number[];
  /** Left out: the file has no names of arguments, and gets none. */
  readonly prototypes?: Prototypes;
}

const LOOK_MS = 100;

/** Prototypes of the functions behind sites; none when the executable has no debug information. */
export function prototypesOf(
  build: Build,
  sites: readonly Site[],
  wanted: ReadonlySet<number>,
): Prototypes | undefined {
  try {
    return readPrototypes(build.executable, sites.filter(({ i }) => wanted.has(i)).map(functionOf));
  } catch (error) {
    if (error instanceof ElfError) return undefined;
    throw error;
  }
}

/** The numbers of the bits that are set, of those that there are sites for. */
export function sitesOf(bits: Uint8Array, sites: readonly Site[]): number[] {
  return sites.filter(({ i }) => isSet(bits, i)).map(({ i }) => i);
}

/** Looks a few times a second, so that functions which are soon switched off again are seen, too. */
export class LateNames {
  readonly #region: Region;
  readonly #source: NamedSites;
  readonly #tell: (metadata: object) => void;
  readonly #known: Set<number>;
  readonly #timer: NodeJS.Timeout;
  #prototypes: Prototypes | undefined;
  #generation: number;

  /** `tell`: gets the metadata of all sites, with what is new. Nothing is looked at after stop(). */
  constructor(region: Region, source: NamedSites, tell: (metadata: object) => void) {
    this.#region = region;
    this.#source = source;
    this.#tell = tell;
    this.#known = new Set(source.chosen);
    this.#prototypes = source.prototypes;
    this.#generation = -1;
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  look(): void {
    const before = this.#prototypes;
    const generation = this.#region.generation();
    if (before === undefined || generation === this.#generation) return;
    this.#generation = generation;
    const { build, sites } = this.#source;
    const fresh = new Set(sitesOf(this.#region.asked().sites, sites).filter((i) => !this.#known.has(i)));
    if (fresh.size === 0) return;
    for (const i of fresh) this.#known.add(i);
    const more = prototypesOf(build, sites, fresh);
    if (more === undefined) return;
    this.#prototypes = {
      byAddress: new Map([...before.byAddress, ...more.byAddress]),
      enums: { ...before.enums, ...more.enums },
    };
    this.#tell(describeSites(sites, this.#prototypes));
  }

  /** Takes a last look. */
  stop(): void {
    clearInterval(this.#timer);
    this.look();
  }
}
