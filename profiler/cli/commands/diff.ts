// SPDX-License-Identifier: MIT
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Comparison, Recording } from '../../compare/index.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { interruptible, turn } from '../interruptible.js';
import { jsonOption } from '../options/shared.js';
import { percent, positive } from '../options/values.js';
import { type Progress, printJson, startProgress } from '../output.js';
import { diff, exports_ } from '../lazy.js';
import { outputStyle } from '../terminal.js';
import { loadTrace } from '../trace-file.js';

interface DiffOptions {
  readonly confidence: number;
  readonly minCalls?: number;
  readonly top?: number;
  readonly all?: boolean;
  readonly speedscope?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Each side is a trace file, several separated by commas, or a folder of .ddet files. Six recordings a side, made in turn,
reach a confidence of 99.5 %. To see a few percent, record with driver and device on one CPU, where a call takes
the same from run to run, and more often: 16 a side find a function that is slower by 5 %, if nothing else runs.

Examples:
  taskset -c 1 dde-profile record e1000e -o before/1.ddet --functions '*' -- tcp --bytes 30000000
  dde-profile diff before/ after/
  dde-profile diff a1.ddet,a2.ddet b1.ddet,b2.ddet --speedscope diff.speedscope.json`;

/** The files of one side. */
function sideFiles(side: string): string[] {
  if (!existsSync(side)) return side.split(',').filter((name) => name !== '');
  if (!statSync(side).isDirectory()) return [side];
  const files = readdirSync(side).filter((name) => name.endsWith('.ddet'));
  if (files.length === 0) throw new CliError(EXIT.trace, `${side}: no .ddet file in this folder`);
  return files.sort().map((name) => join(side, name));
}

async function read(side: string, progress: Progress): Promise<Recording[]> {
  const { pathsOf } = await diff();
  const out: Recording[] = [];
  for (const file of sideFiles(side)) {
    // Call paths alone: no topic's tables are made.
    const profile = await loadTrace(file, false, progress, {}, { selfTimes: true, only: [] });
    await turn();
    out.push(interruptible(() => pathsOf(profile)));
  }
  return out;
}

/** --top for JSON as for text. */
function narrowed(result: Comparison, top: number | undefined): Comparison {
  if (top === undefined) return result;
  const { paths, onlyA, onlyB } = result;
  return { ...result, paths: paths.slice(0, top), onlyA: onlyA.slice(0, top), onlyB: onlyB.slice(0, top) };
}

export function registerDiff(program: Command, _context: Context): void {
  const command = program
    .command('diff')
    .description('say which call paths of two groups of recordings differ')
    .argument('<a>', 'before: a trace file, several separated by commas, or a folder')
    .argument('<b>', 'after')
    .option('--confidence <percent>', 'confidence that no reported path is a false positive', percent, 99.5)
    .option('--min-calls <n>', 'leave out paths with fewer calls in a recording. Default: 50', positive)
    .option('--top <n>', 'rows of each list', positive)
    .option('--all', 'include insignificant differences', false)
    .option('--speedscope <file>', 'write the differences as flame graphs for speedscope');
  jsonOption(command)
    .addHelpText('after', EXAMPLES)
    .action(async (a: string, b: string, options: DiffOptions) => {
      const { compare, comparisonSpeedscope, renderComparison } = await diff();
      const progress = startProgress(process.stderr);
      try {
        const [left, right] = [await read(a, progress), await read(b, progress)];
        progress.step('compare');
        await turn();
        const { minCalls, top, all = false } = options;
        const alpha = Number((1 - options.confidence / 100).toPrecision(6));
        const result = interruptible(() =>
          compare(left, right, { alpha, ...(minCalls === undefined ? {} : { minCalls }) }),
        );
        if (options.speedscope !== undefined) {
          const unsure = all || result.resolution > alpha;
          const { writeWhole } = await exports_();
          const graphs = interruptible(() => comparisonSpeedscope(result, left, right, unsure));
          writeWhole(options.speedscope, graphs);
        }
        progress.end();
        const { color } = outputStyle();
        if (options.json === true) {
          printJson('diff', narrowed(result, top));
          return;
        }
        const text = renderComparison(result, {
          color,
          all,
          ...(top === undefined ? {} : { top }),
        });
        process.stdout.write(text);
      } finally {
        progress.end();
      }
    });
}
