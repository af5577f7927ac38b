// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import type { Needs } from '../../../runtime/build/index.js';
import { buildTarget } from '../build.js';
import type { Context } from '../context.js';
import { failureOf } from '../failure.js';
import { type BuildOptions, buildOptions } from '../options/shared.js';
import { type Progress, printJson, startProgress } from '../output.js';
import { builder } from '../lazy.js';

/** The needs of a driver, also of one that cannot be linked: its missing symbols are what is asked for; exit code as of the build. */
async function explain(driver: string, options: BuildOptions, progress: Progress): Promise<void> {
  const { formatNeeds } = await builder();
  const show = (title: string, needs: Needs): void => {
    progress.end();
    if (options.json === true) printJson('build', { driver: title, ...needs });
    else process.stdout.write(formatNeeds(title, needs));
  };
  try {
    const { dir, manifest } = (await buildTarget(driver, options, progress)).build;
    const needs = JSON.parse(await readFile(join(dir, 'needs.json'), 'utf8')) as Needs;
    show(`${manifest.driver}, Linux ${manifest.kernelVersion}`, needs);
  } catch (error) {
    const { needs } = error as { needs?: Needs };
    if (needs === undefined) throw error;
    show(`${basename(driver)}, Linux ${options.kernel}`, needs);
    process.exitCode = failureOf(error).exitCode;
  }
}

export function registerBuild(program: Command, _context: Context): void {
  const command = program
    .command('build')
    .description('build a driver process')
    .argument('<driver>', 'a sample, CONFIG_SYMBOL, folder in the kernel tree, or out-of-tree module folder');
  buildOptions(command)
    .option('--explain', 'show which symbols the driver needs, which are missing, and which option would bring them')
    .addHelpText(
      'after',
      '\nExamples:\n  dde-profile build e1000e\n  dde-profile build CONFIG_E1000 --kernel 6.12\n  dde-profile build CONFIG_SND_HDA_INTEL --config CONFIG_SND_HDA_GENERIC\n  dde-profile build ./my-module\n  dde-profile build ./my-module --explain',
    )
    .action(async (driver: string, options: BuildOptions & { explain?: boolean }) => {
      const progress = startProgress(process.stderr);
      try {
        if (options.explain === true) {
          await explain(driver, options, progress);
          return;
        }
        const { build } = await buildTarget(driver, options, progress);
        progress.end();
        const { dir, executable, manifest } = build;
        if (options.json === true) printJson('build', { dir, executable, manifest });
        else {
          const { kernelVersion, buildId } = manifest;
          process.stdout.write(`${manifest.driver}, Linux ${kernelVersion}, build ${buildId}\n${executable}\n`);
        }
      } finally {
        progress.end();
      }
    });
}
