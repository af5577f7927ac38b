// SPDX-License-Identifier: MIT
// samples/<driver>/sample.json: what is known beforehand about a driver and the device it is shown on.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { badSample } from '../errors.js';
import { repoRoot } from '../common/paths.js';

const symbol = z.string().regex(/^CONFIG_\w+$/);

export const sampleSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/),
  title: z.string(),
  driver: z.strictObject({
    /** The symbols that are the driver: switched on, and their objects are what the profiler calls "driver". */
    kconfig: z.array(symbol).min(1),
    /** The driver's folder in the kernel tree, for readers. */
    dir: z.string(),
  }),
  device: z.strictObject({
    /** QEMU's -device model. */
    qemu: z.string(),
    options: z.record(z.string(), z.string()).default({}),
  }),
  kind: z.enum(['net', 'block', 'other']),
  /** Posted writes; off where the device model races with them. */
  posted: z.boolean(),
  workload: z.string(),
  kernels: z.array(z.string()).min(1),
});

export type SampleFile = z.infer<typeof sampleSchema>;

export interface Sample extends SampleFile {
  readonly folder: string;
  /** Text of the Kconfig fragment beside it, if there is one. */
  readonly fragment: string;
}

export function readSample(folder: string): Sample {
  const file = join(folder, 'sample.json');
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw badSample(file, error instanceof Error ? error.message : String(error));
  }
  const parsed = sampleSchema.safeParse(json);
  if (!parsed.success) throw badSample(file, z.prettifyError(parsed.error));
  const fragment = join(folder, 'kconfig.fragment');
  return { ...parsed.data, folder, fragment: existsSync(fragment) ? readFileSync(fragment, 'utf8') : '' };
}

export function listSamples(root: string = join(repoRoot(), 'samples')): Sample[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => existsSync(join(root, name, 'sample.json')))
    .sort()
    .map((name) => readSample(join(root, name)));
}
