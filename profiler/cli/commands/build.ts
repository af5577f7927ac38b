// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import { buildTarget } from '../build.js';
import type { Context } from '../context.js';
import { type BuildOptions, buildOptions } from '../options/shared.js';
import { printJson, startProgress } from '../output.js';

export function registerBuild(program: Command, _context: Context): void {
  const command = program
    .command('build')
    .description('build a driver process')
    .argument('<driver>', 'a sample, CONFIG_SYMBOL, folder in the kernel tree, or out-of-tree module folder');
  buildOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n  dde-profile build e1000e\n  dde-profile build CONFIG_E1000 --kernel 6.12\n  dde-profile build CONFIG_SND_HDA_INTEL --config CONFIG_SND_HDA_GENERIC\n  dde-profile build ./my-module',
    )
    .action(async (driver: string, options: BuildOptions) => {
      const progress = startProgress(process.stderr);
      try {
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
