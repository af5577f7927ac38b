// SPDX-License-Identifier: MIT
import { type Command, Option } from 'commander';
import { fileSize } from '../../show/index.js';
import { endingChildren } from '../abort.js';
import type { Context } from '../context.js';
import { jsonOption } from '../options/shared.js';
import { printJson, startProgress } from '../output.js';
import { builder } from '../lazy.js';

interface CacheOptions {
  readonly prune?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile cache                  where builds are, what they take
  dde-profile cache --prune          removes what was not used lately
  dde-profile cache --prune --all    removes all but the builds of drivers that are running`;

export function registerCache(program: Command, _context: Context): void {
  const command = program
    .command('cache')
    .description('show what is kept of builds, and remove it')
    .option('--prune', 'remove what was not used lately')
    .addOption(
      new Option('--all', 'with --prune: remove everything; the next build takes minutes').implies({ prune: true }),
    );
  jsonOption(command)
    .addHelpText('after', EXAMPLES)
    .action(async (options: CacheOptions) => {
      const { cacheParts, cacheRoot, emptyCache, pruneCache } = await builder();
      const progress = startProgress(process.stderr);
      try {
        const root = cacheRoot();
        progress.step(`measure ${root}`);
        const before = await endingChildren(() => cacheParts(root));
        if (options.prune === true) {
          progress.step('remove what is not needed');
          await endingChildren(() => (options.all === true ? emptyCache(root) : pruneCache(root)));
        }
        const parts = options.prune === true ? await endingChildren(() => cacheParts(root)) : before;
        progress.end();
        const sum = (list: typeof parts): number => list.reduce((all, part) => all + part.bytes, 0);
        const freed = sum(before) - sum(parts);
        if (options.json === true) {
          printJson('cache', { folder: root, bytes: sum(parts), parts, ...(options.prune === true ? { freed } : {}) });
          return;
        }
        const lines = parts.map(
          ({ name, text, entries, bytes }) =>
            `  ${name.padEnd(8)} ${fileSize(bytes).padStart(10)}  ${entries} ${text}\n`,
        );
        process.stdout.write(`${root}: ${fileSize(sum(parts))}\n${lines.join('')}`);
        if (options.prune === true) process.stdout.write(`${fileSize(Math.max(0, freed))} freed\n`);
      } finally {
        progress.end();
      }
    });
}
