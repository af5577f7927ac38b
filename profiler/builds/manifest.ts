// SPDX-License-Identifier: MIT
// What a build's folder says about itself (ARCHITECTURE.md, section 1): manifest.json and sites.json, checked.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  registersSchema,
  type Site,
  sitesSchema,
  type Tracepoint,
  tracepointsSchema,
} from '../../runtime/build/describe/forms.js';
import { LaunchError } from './errors.js';

export type { Site, Tracepoint };

const manifestSchema = z.looseObject({
  formatVersion: z.number(),
  driver: z.string(),
  kernelSeries: z.string(),
  kernelVersion: z.string(),
  buildId: z.string(),
  executable: z.string().optional(),
  sourceRoot: z.string(),
  buildRoot: z.string().optional(),
  outOfTree: z.string().optional(),
  coverage: z.boolean().optional(),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** A finished build, as the launchers need it. */
export interface Build {
  readonly dir: string;
  readonly executable: string;
  readonly manifest: Manifest;
}

function readJson<T>(file: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new LaunchError('ERR_DDE_BUILD', `${file}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new LaunchError('ERR_DDE_BUILD', `${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

export function readBuild(dir: string): Build {
  const manifest = readJson(join(dir, 'manifest.json'), manifestSchema);
  return { dir, executable: join(dir, 'driver'), manifest };
}

export function readSites(dir: string): Site[] {
  return readJson(join(dir, 'sites.json'), sitesSchema).sites;
}

/** Names of the device's registers, as far as the driver's source tells; none in a build of an older version of the tool. */
export function readRegisters(dir: string): { offset: number; name: string }[] {
  const file = join(dir, 'registers.json');
  return existsSync(file) ? readJson(file, registersSchema).registers : [];
}

/** The kernel's own tracepoints; none in a build of an older version of the tool. */
export function readTracepoints(dir: string): Tracepoint[] {
  const file = join(dir, 'tracepoints.json');
  return existsSync(file) ? readJson(file, tracepointsSchema).tracepoints : [];
}
