// SPDX-License-Identifier: MIT
// From DRIVER on the command line to a finished build.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Sample } from '../../runtime/build/index.js';
import { type Build, readBuild } from '../builds/index.js';
import { endingChildren } from './abort.js';
import { didYouMean } from './suggest.js';
import { CliError, failureOf } from './failure.js';
import { type ModuleFile, readModuleFile } from './module-file.js';
import { type BuildOptions, DEFAULT_KERNEL } from './options/shared.js';
import type { Progress } from './output.js';
import { builder } from './lazy.js';

export interface Target {
  readonly build: Build;
  readonly sample: Sample | undefined;
  /** What the author of an out-of-tree module has written down for it. */
  readonly module?: ModuleFile;
  /** Of an out-of-tree module. */
  readonly folder?: string;
}

/** A finished build may be named by its folder, too. */
function finishedBuild(driver: string): Build | undefined {
  const dir = resolve(driver);
  return existsSync(join(dir, 'manifest.json')) && existsSync(join(dir, 'driver')) ? readBuild(dir) : undefined;
}

/** @throws CliError for what cannot take effect any more: the user would take the run for one with it */
function refuseUnbuilt({ manifest }: Build, driver: string, { kernel, config = [] }: BuildOptions): void {
  const advice = 'Name the driver itself, to have it built so.';
  if (config.length > 0)
    throw new CliError(2, `${driver} is a finished build: ${config.join(', ')} cannot be added to it`, advice);
  if (kernel !== DEFAULT_KERNEL && kernel !== manifest.kernelSeries)
    throw new CliError(2, `${driver} is a finished build for Linux ${manifest.kernelSeries}, not ${kernel}`, advice);
}

export async function buildTarget(
  driver: string,
  options: BuildOptions & { readonly counting?: boolean },
  progress: Progress,
): Promise<Target> {
  const finished = finishedBuild(driver);
  if (finished !== undefined) {
    refuseUnbuilt(finished, driver, options);
    return { build: finished, sample: undefined };
  }
  const { buildDriver, listSamples } = await builder();
  const samples = listSamples();
  const sample = samples.find((one) => one.name === driver);
  if (sample !== undefined && !sample.kernels.includes(options.kernel)) {
    throw new CliError(2, `sample ${driver} is for kernel ${sample.kernels.join(' and ')}, not ${options.kernel}`);
  }
  const module = sample === undefined && existsSync(driver) ? readModuleFile(driver) : undefined;
  const config = [...(module?.config ?? []), ...(options.config ?? [])];
  progress.step(`build ${driver} for Linux ${options.kernel}`);
  try {
    const result = await endingChildren(() =>
      buildDriver({
        driver,
        kernel: options.kernel,
        ...(options.counting === true ? { coverage: true } : {}),
        config: config.map((item) => (item.includes('=') ? item : `${item}=y`)),
        onProgress: (event) => {
          if (event.type === 'step') {
            if (event.text !== '') progress.step(event.text);
          } else progress.detail(`${event.done}${event.total === undefined ? '' : `/${event.total}`} ${event.text}`);
        },
      }),
    );
    return {
      build: readBuild(result.dir),
      sample,
      ...(module === undefined ? {} : { module, folder: resolve(driver) }),
    };
  } catch (error) {
    const failure = failureOf(error);
    if (failure.code !== 'ERR_DDE_UNKNOWN_DRIVER') throw error;
    const hint = didYouMean(
      driver,
      samples.map((one) => one.name),
    );
    const list = '`dde-profile list` shows what can be run.';
    throw new CliError(failure.exitCode, failure.message, hint === undefined ? list : `${hint} ${list}`);
  }
}
