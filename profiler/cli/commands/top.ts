// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { listOption } from '../options/list.js';
import { categoryList } from '../options/lists.js';
import { processArgument, processOf } from '../options/process.js';
import { jsonOption } from '../options/shared.js';
import { anyOf, GLOB_HELP, globs, seconds } from '../options/values.js';
import { attaching } from '../lazy.js';
import { type RecordingOptions, recordingOptions, refuseChoice, whatToRecord } from '../options/recording.js';
import { schemaName } from '../schemas/name.js';
import { outputStyle } from '../terminal.js';
import { symbolsOf } from '../symbols.js';
import { KEY_HELP, keysOf, onKey, START, type TopState } from '../views/top-keys.js';
import { KINDS, type Kind, type Sort, SORTS, chosenFunctions, type TopWindow, topScreen } from '../views/top.js';
import { topWindows } from '../views/top-windows.js';
import { version } from '../version.js';

interface TopOptions extends RecordingOptions {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly interval: number;
  readonly sort: Sort;
  readonly kind: Kind;
  readonly match?: string[];
}

const EXAMPLES = `
Keys: ${KEY_HELP}
Examples:
  dde-profile top
  dde-profile top 4711 --functions 'e1000_*'
  dde-profile top 4711 --sort calls --match '*alloc*' --interval 500ms
  dde-profile top 4711 --once --json | jq .dma.inFlight`;

/** Enters and leaves the other screen of the terminal, whatever ends the tool. */
class Terminal {
  readonly #leave = (): void => void process.stdout.write('\u001b[?25h\u001b[?1049l');

  enter(onText: (text: string) => void): void {
    process.stdout.write('\u001b[?1049h\u001b[?25l');
    process.once('exit', this.#leave);
    if (process.stdin.isTTY) {
      process.stdin.setRawMode(true);
      process.stdin.setEncoding('latin1');
      process.stdin.on('data', (data) => onText(String(data)));
    }
  }

  leave(): void {
    process.off('exit', this.#leave);
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    process.stdin.pause();
    this.#leave();
  }
}

function draw(window: TopWindow | undefined, state: TopState): void {
  const width = process.stdout.columns ?? 100;
  const rows = process.stdout.rows ?? 24;
  const note = state.paused ? '  PAUSED' : '';
  const text =
    window === undefined
      ? 'waiting for events\n'
      : topScreen(window, state, { width, rows: rows - 1, color: outputStyle().color, note });
  const foot = state.typing ? `filter: ${state.filter}_` : KEY_HELP.slice(0, width);
  const lines = text
    .trimEnd()
    .split('\n')
    .slice(0, rows - 1);
  while (lines.length < rows - 1) lines.push('');
  process.stdout.write(`\u001b[H${[...lines, foot].map((line) => `${line}\u001b[K`).join('\n')}`);
}

export function registerTop(program: Command, context: Context): void {
  const command = processArgument(program.command('top'))
    .description("live table of a running driver's calls")
    .option('--once', 'one window, and end', false)
    .option('--interval <time>', 'the length of a window, such as 500ms. Default: 1s', seconds, 1)
    .addOption(new Option('--sort <column>', 'the order').choices([...SORTS]).default('time'))
    .addOption(new Option('--kind <kind>', 'which functions').choices([...KINDS]).default('all'))
    .option('--match <glob>', `only functions of this name: ${GLOB_HELP}`, globs);
  listOption(command, 'event categories', () => ({ categories: categoryList() }));
  jsonOption(recordingOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (pidText: string | undefined, options: TopOptions) => {
      const pid = processOf(pidText);
      const { openRunning, recorderOf } = await attaching();
      const target = openRunning(pid, { recorded: true });
      const { sort, kind, match } = options;
      const matches = match === undefined ? {} : { match: anyOf(match) };
      let state: TopState = { ...START, sort, kind, ...matches };
      let last: TopWindow | undefined;
      const quit = new AbortController();
      const stop = AbortSignal.any([quit.signal, context.signal]);
      const live = process.stdout.isTTY && options.json !== true && options.once !== true;
      const terminal = new Terminal();
      try {
        const recorder = recorderOf(target.region);
        if (recorder !== undefined) refuseChoice(command, pid, recorder);
        const request = {
          target,
          ...whatToRecord(target.build.dir, options),
          symbols: await symbolsOf(target.build),
          toolVersion: version(),
          wait: () => delay(options.interval * 1000, undefined, { signal: stop }).catch(() => undefined),
          goOn: () => !stop.aborted,
        };
        if (live) {
          terminal.enter((text) => {
            for (const key of keysOf(text)) state = onKey(state, key);
            if (state.quit) quit.abort();
            else draw(last, state);
          });
          draw(undefined, state);
        }
        for await (const window of topWindows(request)) {
          if (stop.aborted) break;
          if (options.json === true) {
            const functions = chosenFunctions(window, state);
            process.stdout.write(`${JSON.stringify({ schema: schemaName('top'), ...window, functions })}\n`);
          } else if (!live)
            process.stdout.write(
              topScreen(window, state, {
                width: Number.POSITIVE_INFINITY,
                rows: Number.POSITIVE_INFINITY,
                color: false,
              }),
            );
          else if (!state.paused) {
            last = window;
            draw(last, state);
          }
          if (options.once === true) break;
        }
      } finally {
        if (live) terminal.leave();
        target.region.close();
      }
      if (live && !stop.aborted) process.stdout.write(`process ${pid} has ended\n`);
    });
}
