// SPDX-License-Identifier: MIT
// What a run of a counting build has left behind, read by gcov.

import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { type Build, LaunchError } from '../../builds/index.js';
import { driverFiles } from '../driver-files.js';
import { type CoverageFile, mergeCoverage } from './model.js';

const gcovFile = z.object({
  file: z.string(),
  functions: z.array(z.object({ name: z.string(), start_line: z.number(), execution_count: z.number() })),
  lines: z.array(
    z.object({
      line_number: z.number(),
      function_name: z.string().optional(),
      count: z.number(),
      branches: z.array(z.object({ count: z.number() })),
    }),
  ),
});
const gcovOutput = z.object({ files: z.array(gcovFile) });

function fileOf({ file, functions, lines }: z.infer<typeof gcovFile>): CoverageFile {
  return {
    path: file,
    functions: functions.map((one) => ({ name: one.name, line: one.start_line, count: one.execution_count })),
    lines: lines.map(({ line_number, function_name = '', count, branches }) => ({
      line: line_number,
      count,
      branches:
        branches.length === 0 ? [] : [{ function: function_name, counts: branches.map((branch) => branch.count) }],
    })),
  };
}

/** One JSON document a line, one for each object. A line occurs once for each function that it is compiled into. */
export function parseGcov(stdout: string): CoverageFile[] {
  const documents = stdout.split('\n').filter((line) => line.startsWith('{'));
  const files = documents.flatMap((text) => gcovOutput.parse(JSON.parse(text)).files.map(fileOf));
  return mergeCoverage(
    ...files.map((file) => [
      { ...file, functions: [], lines: [] },
      ...file.functions.map((one) => ({ path: file.path, functions: [one], lines: [] })),
      ...file.lines.map((one) => ({ path: file.path, functions: [], lines: [one] })),
    ]),
  );
}

/** Folders of the driver's C files: headers of Linux are not the driver's. */
function ownFolders({ manifest }: Build): string[] {
  const root = manifest.outOfTree ?? manifest.sourceRoot;
  return [...new Set(driverFiles(manifest).map((file) => dirname(isAbsolute(file) ? file : join(root, file))))];
}

/** What the driver process needs to write its counters into a folder. */
export function countersEnv(dir: string): Record<string, string> {
  return { GCOV_PREFIX: dir, GCOV_PREFIX_STRIP: '1000' };
}

/**
 * @param dir where the counters are (countersEnv)
 * @returns undefined when the process wrote none
 */
export async function readCounters(build: Build, dir: string): Promise<CoverageFile[] | undefined> {
  const counters = readdirSync(dir).filter((name) => name.endsWith('.gcda'));
  if (counters.length === 0) return undefined;
  for (const name of counters.map((one) => one.replace(/da$/, 'no')))
    if (existsSync(join(build.dir, 'coverage', name))) copyFileSync(join(build.dir, 'coverage', name), join(dir, name));
  const args = ['--json-format', '--stdout', '--branch-probabilities', '--branch-counts', ...counters];
  const end = await execa('gcov', args, { cwd: dir, reject: false, maxBuffer: 1 << 30 });
  if (end.exitCode !== 0) throw new LaunchError('ERR_DDE_BUILD', `gcov: ${end.stderr.trim()}`);
  const folders = ownFolders(build);
  return parseGcov(end.stdout).filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)));
}
