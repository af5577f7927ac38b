// SPDX-License-Identifier: MIT
// Function symbols and prototypes for a trace's metadata, so that the file needs no executable to be read.

import { ElfError } from '../../tracer/elf/elf.js';
import type { Prototypes } from '../../tracer/symbols/index.js';
import type { Build, Site } from '../builds/index.js';
import { argCounts, functionOf } from '../record/index.js';
import { interruptible, turn } from './interruptible.js';
import { symbols } from './lazy.js';

/** Without them a trace is poorer, not useless: an executable that cannot be read is no reason not to record. */
export async function symbolsOf({ executable, manifest }: Build): Promise<object[]> {
  const { functionTable } = await symbols();
  const roots = [manifest.sourceRoot, ...(manifest.buildRoot === undefined ? [] : [manifest.buildRoot])];
  await turn();
  try {
    return interruptible(() => functionTable(executable, { roots }));
  } catch (error) {
    if (error instanceof ElfError) return [];
    throw error;
  }
}

/** Prototypes of the functions behind the sites that are recorded, and how many of their arguments to record. */
export async function argumentsOf(
  { executable }: Build,
  { sites, chosen }: { readonly sites: readonly Site[]; readonly chosen: readonly number[] },
  wanted: boolean,
): Promise<{ readonly prototypes?: Prototypes; readonly args?: Uint8Array }> {
  const { readPrototypes } = await symbols();
  const on = new Set(chosen);
  try {
    const functions = sites.filter((site) => on.has(site.i)).map(functionOf);
    const prototypes = interruptible(() => readPrototypes(executable, functions));
    return { prototypes, ...(wanted && { args: argCounts(sites, chosen, prototypes) }) };
  } catch (error) {
    if (error instanceof ElfError) return {};
    throw error;
  }
}
