// SPDX-License-Identifier: MIT
// A trace file that is written aside until its first events are in, so that a start that fails does not cost the recording that was
// there before. That one is kept as FILE.old, as perf does.

import { existsSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LaunchError } from '../builds/errors.js';

/** Where a name leads to: a link stays a link. */
function realTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // not there yet
  }
}

/** Before a long run: @throws LaunchError when a file of that name could not be written at its end. */
export function checkOutput(name: string): void {
  const folder = dirname(name);
  const known = statSync(folder, { throwIfNoEntry: false });
  if (known === undefined) throw new LaunchError('ERR_DDE_OUTPUT', `${name}: the folder ${folder} does not exist`);
  if (!known.isDirectory()) throw new LaunchError('ERR_DDE_OUTPUT', `${name}: ${folder} is not a folder`);
}

export class AsideFile {
  /** Where to write now. */
  readonly path: string;
  readonly #name: string;
  readonly #target: string;
  #open = true;

  constructor(name: string) {
    checkOutput(name);
    this.#name = name;
    this.#target = realTarget(name);
    const known = statSync(this.#target, { throwIfNoEntry: false });
    // A pipe or a device cannot be renamed over.
    if (known !== undefined && !known.isFile()) {
      if (known.isDirectory()) throw new LaunchError('ERR_DDE_OUTPUT', `${name} is a folder`);
      this.path = this.#target;
      this.#open = false;
      return;
    }
    this.path = `${this.#target}.part`;
    // One that an earlier run was killed over.
    rmSync(this.path, { force: true });
  }

  /** It gets its name; what had that name before becomes NAME.old. Afterwards nothing happens any more. */
  commit(): void {
    if (!this.#open) return;
    this.#open = false;
    if (existsSync(this.#target)) renameSync(this.#target, `${this.#target}.old`);
    renameSync(this.path, this.#target);
  }

  /** Removes it, unless it has its name already. */
  discard(): void {
    if (!this.#open) return;
    this.#open = false;
    rmSync(this.path, { force: true });
  }

  /** An error of writing the file as the user's, with the name that the user gave. */
  failure(error: unknown): unknown {
    if (!(error instanceof Error) || !('code' in error)) return error;
    if (error.code !== 'ERR_DDE_TRACE_FILE' && error.code !== 'ERR_DDE_OUTPUT') return error;
    return new LaunchError('ERR_DDE_OUTPUT', this.named(error.message), { cause: error });
  }

  named(text: string): string {
    return text.replaceAll(this.path, this.#name);
  }
}

/** Writes a whole file by `write`, which is there afterwards or not at all. */
export function writeAside<T>(name: string, write: (path: string) => T): T {
  const aside = new AsideFile(name);
  try {
    const result = write(aside.path);
    aside.commit();
    return result;
  } catch (error) {
    throw aside.failure(error);
  } finally {
    aside.discard();
  }
}
