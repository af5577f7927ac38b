// SPDX-License-Identifier: MIT
// The C files that have code in the driver process, as scripts.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Protocol } from 'devtools-protocol';
import { ElfFile } from '../../tracer/elf/file.js';
import { LineTable } from '../../tracer/symbols/index.js';
import { ProtocolError } from '../cdp/index.js';

export interface SourceFile {
  readonly scriptId: string;
  /** Where it is now. */
  readonly path: string;
  /** As the debug information names it, which is how gdb is asked. */
  readonly name: string;
  readonly url: string;
  /** 1-based, sorted. */
  readonly lines: Uint32Array;
}

export interface SourceRoots {
  readonly executable: string;
  readonly sourceRoot: string;
  readonly buildRoot?: string | undefined;
  /** What relative names are relative to: this tool compiles its own C files by them. */
  readonly toolRoot: string;
}

/** A frame without source is shown here. */
export const NO_SOURCE = '0';
const NO_SOURCE_TEXT = '/* There is no C source for this address: see the function name in the call stack. */\n';
const NO_SOURCE_URL = 'dde:///no-source.c';

/** The first line with code at or after a line; undefined at the end of the file. */
export function lineAtOrAfter(lines: Uint32Array, line: number): number | undefined {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const mid = (low + high) >>> 1;
    if ((lines[mid] as number) < line) low = mid + 1;
    else high = mid;
  }
  return lines[low];
}

export class Sources {
  readonly files: readonly SourceFile[];
  readonly table: LineTable;
  readonly #toolRoot: string;
  readonly #byId: Map<string, SourceFile>;
  readonly #byPath: Map<string, SourceFile>;
  readonly #byUrl: Map<string, SourceFile>;

  private constructor(table: LineTable, roots: SourceRoots) {
    this.table = table;
    const files: SourceFile[] = [];
    const byPath = new Map<string, SourceFile>();
    for (const [name, lines] of table.codeLines()) {
      const path = placeOf(name, roots);
      const known = byPath.get(path);
      // The table may name one file in several ways.
      if (known !== undefined) {
        const all = Uint32Array.from(new Set([...known.lines, ...lines])).sort();
        const merged = { ...known, lines: all };
        files[Number(known.scriptId) - 1] = merged;
        byPath.set(path, merged);
        continue;
      }
      if (!existsSync(path)) continue;
      const file = { scriptId: String(files.length + 1), path, name, url: pathToFileURL(path).href, lines };
      files.push(file);
      byPath.set(path, file);
    }
    this.#toolRoot = roots.toolRoot;
    this.files = files;
    this.#byPath = byPath;
    this.#byId = new Map(files.map((file) => [file.scriptId, file]));
    this.#byUrl = new Map(files.map((file) => [file.url, file]));
  }

  /** Throws ElfError when the executable is none. */
  static read(roots: SourceRoots): Sources {
    const elf = new ElfFile(roots.executable);
    try {
      return new Sources(new LineTable(elf), roots);
    } finally {
      elf.close();
    }
  }

  byId(scriptId: string): SourceFile {
    const file = this.#byId.get(scriptId);
    if (file === undefined) throw new ProtocolError(`No script for id: ${scriptId}`);
    return file;
  }

  byPath(path: string): SourceFile | undefined {
    return this.#byPath.get(normalize(isAbsolute(path) ? path : join(this.#toolRoot, path)));
  }

  /** By exact URL, or by path. */
  byUrl(url: string): SourceFile | undefined {
    return this.#byUrl.get(url) ?? this.#byPath.get(url);
  }

  matching(pattern: RegExp): SourceFile[] {
    return this.files.filter(({ url }) => pattern.test(url));
  }

  async text(scriptId: string): Promise<string> {
    return scriptId === NO_SOURCE ? NO_SOURCE_TEXT : readFile(this.byId(scriptId).path, 'utf8');
  }

  events(): Protocol.Debugger.ScriptParsedEvent[] {
    const noSource = event(NO_SOURCE, NO_SOURCE_URL, 1, 'none');
    return [
      noSource,
      ...this.files.map((file) => event(file.scriptId, file.url, lastLine(file), versionOf(file.path))),
    ];
  }
}

function lastLine({ lines }: SourceFile): number {
  return lines[lines.length - 1] ?? 0;
}

/** Tells a file from what it was before; the text itself would have to be read for all of a kernel. */
function versionOf(path: string): string {
  try {
    const { mtimeMs, size } = statSync(path);
    return createHash('sha256').update(`${path} ${mtimeMs} ${size}`).digest('hex');
  } catch {
    return '';
  }
}

function event(scriptId: string, url: string, endLine: number, hash: string): Protocol.Debugger.ScriptParsedEvent {
  return {
    scriptId,
    url,
    startLine: 0,
    startColumn: 0,
    endLine: endLine + 1,
    endColumn: 0,
    executionContextId: 1,
    hash,
    buildId: '',
    executionContextAuxData: { isDefault: true },
    isLiveEdit: false,
    sourceMapURL: '',
    hasSourceURL: false,
    isModule: false,
    // Neither JavaScript, whose parser would be run over C expressions, nor WebAssembly.
    scriptLanguage: 'C' as Protocol.Debugger.ScriptLanguage,
    embedderName: url,
  };
}

function placeOf(name: string, { sourceRoot, buildRoot, toolRoot }: SourceRoots): string {
  const path = normalize(isAbsolute(name) ? name : join(toolRoot, name));
  if (buildRoot !== undefined && path.startsWith(`${buildRoot}/`) && !existsSync(path)) {
    return normalize(`${sourceRoot}${path.slice(buildRoot.length)}`);
  }
  return path;
}
