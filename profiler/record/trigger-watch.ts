// SPDX-License-Identifier: MIT
// What the triggers of a driver process have set off, seen from the recorder.

import type { Region } from '../../tracer/recorder/addon.js';
import type { Trigger } from '../../tracer/recorder/triggers.js';
import type { Site } from '../builds/manifest.js';

export interface TriggerNews {
  /** The functions that asked for a snapshot since the last look. */
  readonly snapshots: readonly string[];
  /** The function whose call ended the recording. */
  readonly stopped: string | undefined;
}

export class TriggerWatch {
  readonly #region: Region;
  readonly #triggers: readonly Trigger[];
  readonly #names: readonly string[];
  #hits: number[];
  readonly #stops: number;
  readonly #snapshotsBefore: number;
  #snapshots: number;

  /** `triggers`: as they were given to setControl. To be made before the process acts on them. */
  constructor(region: Region, triggers: readonly Trigger[], sites: readonly Site[]) {
    const { stops, snapshots } = region.info();
    this.#region = region;
    this.#triggers = triggers;
    this.#names = triggers.map(({ site }) => sites[site]?.name ?? `site ${site}`);
    this.#hits = triggers.map(() => 0);
    this.#stops = stops;
    this.#snapshotsBefore = snapshots;
    this.#snapshots = snapshots;
  }

  look(): TriggerNews {
    const { triggerHits, stops, snapshots } = this.#region.info();
    const before = this.#hits;
    const hits = this.#triggers.map((_, n) => triggerHits[n] ?? 0);
    this.#hits = hits;
    const hit = (action: Trigger['action']): string[] =>
      this.#names.filter((_, n) => this.#triggers[n]?.action === action && (hits[n] ?? 0) > (before[n] ?? 0));
    const asked = snapshots !== this.#snapshots;
    this.#snapshots = snapshots;
    return {
      snapshots: asked ? hit('snapshot') : [],
      stopped: stops === this.#stops ? undefined : (hit('stop')[0] ?? '?'),
    };
  }

  /** Calls that asked for a snapshot, also by triggers that somebody else set. */
  asked(): number {
    return this.#region.info().snapshots - this.#snapshotsBefore;
  }

  /** Calls of each trigger's function since it was set. */
  counts(): { readonly function: string; readonly action: Trigger['action']; readonly calls: number }[] {
    const { triggerHits } = this.#region.info();
    return this.#triggers.map(({ action }, n) => ({
      function: this.#names[n] as string,
      action,
      calls: triggerHits[n] ?? 0,
    }));
  }
}
