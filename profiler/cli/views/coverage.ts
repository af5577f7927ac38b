// SPDX-License-Identifier: MIT
// check --coverage: counters of the run, those of all runs, pages, and whether it is enough.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Build } from '../../builds/index.js';
import {
  type CoverageFile,
  countersEnv,
  coveragePages,
  percent,
  type Ratio,
  readCounters,
  saveCoverage,
  totalsOf,
} from '../../debug/index.js';
import { renderTable, styleOf } from '../../show/index.js';

/** Names of functions that are listed at most. */
const SHOWN = 20;
const DIGITS = 10;

interface Measured {
  readonly runs: number;
  readonly merged: readonly CoverageFile[];
  readonly run: readonly CoverageFile[];
  readonly anew: boolean;
  readonly html: string;
}

function shown(ratio: Ratio): string {
  return ratio.total === 0 ? '-' : `${percent(ratio).toFixed(1)} % (${ratio.hit}/${ratio.total})`;
}

function rounded(files: readonly CoverageFile[]): object {
  const of = (ratio: Ratio): object => ({ ...ratio, percent: Math.round(percent(ratio) * DIGITS) / DIGITS });
  const { lines, functions, branches } = totalsOf(files);
  return { lines: of(lines), functions: of(functions), branches: of(branches) };
}

export class Coverage {
  readonly #dir: string;
  readonly #build: Build;
  /** Of this run's counters. */
  readonly #scratch = mkdtempSync(join(tmpdir(), 'dde-coverage-'));
  #measured: Measured | undefined;

  constructor(dir: string, build: Build) {
    this.#dir = resolve(dir);
    this.#build = build;
  }

  get env(): Record<string, string> {
    return countersEnv(this.#scratch);
  }

  /** After the run. */
  async measure(): Promise<void> {
    const run = await readCounters(this.#build, this.#scratch);
    if (run === undefined) return;
    const saved = saveCoverage(this.#dir, this.#build, run);
    const html = await coveragePages(this.#dir, this.#build.manifest.driver);
    this.#measured = { ...saved, run, html };
  }

  text(): string {
    if (this.#measured === undefined) return 'coverage: the driver did not come to an end, and its counts are lost\n';
    const { runs, merged, anew, html } = this.#measured;
    const row = (name: string, of: readonly CoverageFile[]): string[] => {
      const { lines, functions, branches } = totalsOf(of);
      return [name, shown(lines), shown(functions), shown(branches)];
    };
    const never = merged.flatMap((file) => file.functions.filter(({ count }) => count === 0).map(({ name }) => name));
    const more = never.length > SHOWN ? ` and ${never.length - SHOWN} more` : '';
    return renderTable(
      {
        title: `coverage of ${runs === 1 ? 'this run' : `${runs} runs`}:`,
        columns: [{ head: 'file', left: true }, { head: 'lines' }, { head: 'functions' }, { head: 'branches' }],
        rows: [...merged.map((file) => row(basename(file.path), [file])), row('all', merged)],
        notes: [
          ...(never.length === 0 ? [] : [`never run: ${never.slice(0, SHOWN).join(' ')}${more}`]),
          ...(anew ? ['the driver was built anew: the runs before do not count any more'] : []),
          `pages: ${html}; lcov: ${join(this.#dir, 'merged.info')}, this run's: ${join(this.#dir, 'run.info')}`,
        ],
      },
      styleOf(false),
    );
  }

  /** For --json. */
  json(): object {
    if (this.#measured === undefined) return { coverage: null };
    const { runs, merged, run, html } = this.#measured;
    const files = merged.map((file) => ({ file: file.path, ...rounded([file]) }));
    return { coverage: { runs, ...rounded(merged), run: rounded(run), files, folder: this.#dir, html } };
  }

  /** What --fail-under says to all runs together. */
  tooLittle(least: number | undefined): string | undefined {
    if (least === undefined) return undefined;
    if (this.#measured === undefined) return 'no coverage: the driver did not come to an end';
    const lines = percent(totalsOf(this.#measured.merged).lines);
    return lines < least ? `coverage: ${lines.toFixed(1)} % of the lines, --fail-under ${least}` : undefined;
  }

  end(): void {
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}
