// SPDX-License-Identifier: MIT
// .dde-profile.json in the folder of an out-of-tree module: what its author would otherwise write on each command line.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { EXIT } from './exit-codes.js';
import { CliError } from './failure.js';

const MODULE_FILE = '.dde-profile.json';

const words = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const moduleFileSchema = z.strictObject({
  /** As --device: QEMU's models with their options. */
  device: words.optional(),
  /** As what stands after --: `ping --count 10`. */
  workload: words.optional(),
  /** As what stands after `exec`: a program with its arguments, found from the module's folder. */
  program: z
    .union([z.string().transform((one) => one.split(/\s+/).filter((word) => word !== '')), z.array(z.string())])
    .optional(),
  /** As --config: `CONFIG_X` or `CONFIG_X=value`. */
  config: z.array(z.string().regex(/^CONFIG_\w+(=.*)?$/, 'expected CONFIG_NAME or CONFIG_NAME=value')).optional(),
  /** As --param: module parameters. */
  param: z.array(z.string()).optional(),
});

export type ModuleFile = Readonly<z.infer<typeof moduleFileSchema>>;

const lineAt = (text: string, position: number): number => text.slice(0, position).split('\n').length;

/** The line on which the last key of a path stands. */
function lineOfPath(text: string, path: readonly PropertyKey[]): number {
  let at = 0;
  for (const key of path) {
    if (typeof key !== 'string') continue;
    const found = text.indexOf(JSON.stringify(key), at);
    if (found >= 0) at = found;
  }
  return lineAt(text, at);
}

function wrong(file: string, line: number, text: string): CliError {
  return new CliError(EXIT.usage, `${file}:${line}: ${text}`);
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    throw wrong(file, lineAt(text, position), message.replace(/ in JSON at position.*$/, ''));
  }
}

/** @throws CliError with the line of what is wrong; undefined when the folder has no such file */
export function readModuleFile(folder: string): ModuleFile | undefined {
  const file = join(resolve(folder), MODULE_FILE);
  if (!existsSync(file) || !statSync(file).isFile()) return undefined;
  const text = readFileSync(file, 'utf8');
  const parsed = moduleFileSchema.safeParse(parse(file, text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue === undefined) throw wrong(file, 1, 'not valid');
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
  const path = [...issue.path, ...unknown.slice(0, 1)];
  const names = Object.keys(moduleFileSchema.shape).join(', ');
  const what = unknown.length > 0 ? `unknown key ${JSON.stringify(unknown[0])}; known: ${names}` : issue.message;
  throw wrong(file, lineOfPath(text, path), `${issue.path.join('.')}${issue.path.length > 0 ? ': ' : ''}${what}`);
}
