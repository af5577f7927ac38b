// SPDX-License-Identifier: MIT
// What a run told beside its trace, gathered while it goes on: the console's lines and the moment of its start.

import { driverFiles } from '../../debug/index.js';
import type { Manifest } from '../../builds/index.js';
import type { Finding } from '../../model/index.js';
import type { SessionEnd } from '../../run/index.js';
import { analysis } from '../lazy.js';

/** A driver may print for ever; its first words tell what is wrong. */
const MOST_LINES = 20_000;

export class RunFindings {
  readonly #lines: string[] = [];
  readonly #manifest: Manifest;
  readonly #start = process.hrtime.bigint();
  readonly #startedAt = Date.now();

  constructor(manifest: Manifest) {
    this.#manifest = manifest;
  }

  /** Takes a line of the console. */
  readonly line = (line: string): void => {
    if (this.#lines.length < MOST_LINES) this.#lines.push(line);
  };

  /** With times since the run began. */
  async of(end: SessionEnd): Promise<Finding[]> {
    // Whoever ends a run has not let it come to its own end.
    if (end.interrupted) return [];
    const { findingsOfRun, since } = await analysis();
    return since(findingsOfRun(end, this.#lines, { driverFiles: driverFiles(this.#manifest) }), Number(this.#start));
  }

  /** For the metadata of a recording: `at` is what the times begin with, in ms since 1970. */
  async metadata(end: SessionEnd): Promise<object> {
    const findings = await this.of(end);
    return findings.length === 0 ? {} : { told: { at: this.#startedAt, findings } };
  }
}
