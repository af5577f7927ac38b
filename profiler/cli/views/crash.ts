// SPDX-License-Identifier: MIT
// The report of a crash, and what is done with the process that is kept for it.

import { once } from 'node:events';
import { resolve } from 'node:path';
import { execa } from 'execa';
import type { Build } from '../../builds/index.js';
import { type CrashPage, readCrash, renderPage, STACK_OVERFLOW, stackLines, writeCore } from '../../debug/index.js';
import type { CrashFacts, OnCrash } from '../../run/index.js';
import { handingOverTerminal } from '../abort.js';
import { failureOf } from '../failure.js';
import type { CrashOptions } from '../options/crash.js';
import type { Progress } from '../output.js';
import { type CrashEvents, crashEvents, renderCrashEvents } from './crash-events.js';

/** `BUG: failure at FILE:LINE/FUNCTION()!`: the panic that follows only says "BUG!". */
const BUG = /(BUG: failure at .*?)!?$/;

interface Tools {
  readonly build: Build;
  readonly options: CrashOptions;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Gets the stack as if the process itself had printed it. */
  readonly onLine?: (line: string) => void;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command of this run, with --on-crash. */
function again(action: string): string {
  const words = process.argv.slice(2);
  const at = words.indexOf('--');
  words.splice(at < 0 ? words.length : at, 0, '--on-crash', action);
  return `dde-profile ${words.map(quoted).join(' ')}`;
}

export class CrashReport {
  readonly #tools: Tools;
  #bug: string | undefined;
  #page: CrashPage | undefined;
  #open = '';
  #core: string | undefined;
  #before: CrashEvents | undefined;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  /** Takes a line of the console. */
  readonly line = (line: string): void => {
    this.#bug = BUG.exec(line)?.[1] ?? this.#bug;
  };

  /** For runSession. */
  readonly onCrash: OnCrash = async (facts, process_) => {
    const { build, options, progress, onLine } = this.#tools;
    const page = await readCrash(facts, build, this.#bug);
    this.#page = page;
    this.#tell(facts, page, onLine);
    await this.#prepare(process_.pid);
    progress.line(renderPage(page, this.#open).trimEnd());
    if (options.onCrash === 'gdb') await this.#gdb(process_);
  };

  /** After a recording: what happened before. */
  async readTrace(file: string): Promise<void> {
    if (this.#page === undefined) return;
    const { thread, pid } = this.#page;
    this.#before = await crashEvents(file, thread, pid);
    this.#tools.progress.line(renderCrashEvents(this.#before, thread).trimEnd());
  }

  /** For --json; nothing without a crash. */
  json(): object {
    if (this.#page === undefined) return {};
    const gdb = { command: this.#open, ...(this.#core === undefined ? {} : { core: this.#core }) };
    return { crash: { ...this.#page, ...this.#before, gdb } };
  }

  /** The findings read the console: there the stack was before the parent made it. */
  #tell({ crash }: CrashFacts, page: CrashPage, onLine: Tools['onLine']): void {
    if (crash.reason === 'watchdog') onLine?.(`dde: ${page.what}; its stack:`);
    for (const note of page.notes) if (note.startsWith(STACK_OVERFLOW)) onLine?.(`dde: ${note}`);
    for (const line of stackLines(page)) onLine?.(line);
  }

  async #prepare(pid: number): Promise<void> {
    const { build, options, progress } = this.#tools;
    this.#open = `${again('gdb')} (keeps the process), or --on-crash core`;
    if (options.onCrash === 'gdb') this.#open = `dde-profile gdb ${pid}`;
    if (options.onCrash !== 'core') return;
    const core = resolve(`${build.manifest.driver}.core.${pid}`);
    progress.step(`write ${core}`);
    try {
      await writeCore(pid, core);
      this.#core = core;
      this.#open = `dde-profile gdb --core ${quoted(core)}`;
    } catch (error) {
      progress.line(`dde-profile: ${failureOf(error).message}`);
    }
  }

  async #gdb({ pid, ended }: Parameters<OnCrash>[1]): Promise<void> {
    const { progress, signal } = this.#tools;
    if (process.stdin.isTTY && process.stdout.isTTY) {
      progress.end();
      const main = process.argv[1] as string;
      await handingOverTerminal(() =>
        execa(process.execPath, [main, 'gdb', String(pid)], { stdio: 'inherit', reject: false }),
      );
      return;
    }
    progress.line(`the driver process ${pid} is kept for \`${this.#open}\`; Ctrl-C ends it`);
    if (!signal.aborted) await Promise.race([ended, once(signal, 'abort')]);
  }
}

/** For verbs that have a debugger of their own: the report alone, on stderr. */
export function tellCrash(build: Build): OnCrash {
  return async (facts) => {
    const page = await readCrash(facts, build);
    process.stderr.write(renderPage(page, `dde-profile gdb ${quoted(build.manifest.driver)}`));
  };
}
