// SPDX-License-Identifier: MIT
// The folder of a driver's coverage: the last run, all runs of this build together, both as lcov, and pages.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { type Build, LaunchError } from '../../builds/index.js';
import { renderLcov } from './lcov.js';
import { type CoverageFile, mergeCoverage } from './model.js';

const count = z.number();
const stored = z.object({
  formatVersion: z.literal(1),
  /** Lines of another build are other lines. */
  buildId: z.string(),
  runs: z.number(),
  files: z.array(
    z.object({
      path: z.string(),
      functions: z.array(z.object({ name: z.string(), line: z.number(), count })),
      lines: z.array(
        z.object({
          line: z.number(),
          count,
          branches: z.array(z.object({ function: z.string(), counts: z.array(count) })),
        }),
      ),
    }),
  ),
});

export interface SavedCoverage {
  readonly runs: number;
  /** Of all runs. */
  readonly merged: readonly CoverageFile[];
  /** The runs before were of another build: they do not count any more. */
  readonly anew: boolean;
}

const DATA = 'coverage.json';

function before(file: string): z.infer<typeof stored> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return stored.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new LaunchError('ERR_DDE_OPTION', `${file}: no coverage of dde-profile; remove it, or name another folder`, {
      cause,
    });
  }
}

/** Adds a run. */
export function saveCoverage(dir: string, { manifest }: Build, run: readonly CoverageFile[]): SavedCoverage {
  mkdirSync(dir, { recursive: true });
  const data = join(dir, DATA);
  const old = before(data);
  const known = old?.buildId === manifest.buildId ? old : undefined;
  const merged = mergeCoverage(known?.files ?? [], run);
  const runs = (known?.runs ?? 0) + 1;
  writeFileSync(data, JSON.stringify({ formatVersion: 1, buildId: manifest.buildId, runs, files: merged }));
  writeFileSync(join(dir, 'run.info'), renderLcov(run, manifest.driver));
  writeFileSync(join(dir, 'merged.info'), renderLcov(merged, manifest.driver));
  return { runs, merged, anew: old !== undefined && known === undefined };
}

/** Pages of all runs. Returns their beginning. */
export async function coveragePages(dir: string, title: string): Promise<string> {
  const html = join(dir, 'html');
  rmSync(html, { recursive: true, force: true });
  const args = ['--quiet', '--branch-coverage', '--legend', '--title', title, '-o', html, join(dir, 'merged.info')];
  const end = await execa('genhtml', args, { reject: false });
  if (end.exitCode !== 0) throw new LaunchError('ERR_DDE_PROCESS', `genhtml: ${end.stderr.trim()}`);
  return join(html, 'index.html');
}
