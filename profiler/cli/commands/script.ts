// SPDX-License-Identifier: MIT
import { existsSync, realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import type { Handlers } from '../../../tracer/decode/index.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { interruptible, turn } from '../interruptible.js';
import { type FilterOptions, filterOf, filterOptions, unmatched } from '../options/filter.js';
import { jsonOption } from '../options/shared.js';
import { printJson, startProgress } from '../output.js';
import { decoder, filtering } from '../lazy.js';
import { readScriptResult, renderScriptResult } from '../queries/script-result.js';
import { requireFile } from '../trace-file.js';

interface ScriptOptions extends FilterOptions {
  readonly json?: boolean;
}

/** What a script exports. */
interface Script {
  readonly on?: Handlers;
  begin?(about: { recording: unknown; args: readonly string[] }): unknown;
  end?(): unknown;
}

const EXAMPLES = `
Examples:
  dde-profile script run.ddet ./bytes.mjs
  dde-profile script run.ddet ./bytes.mjs --from 1s --json -- eth0

A script is a module that exports functions by the name of an event or function:
  export const on = {
    'dma:dma_map': (rows) => { for (let k = 0; k < rows.count; k++) bytes += rows.arg('size', k); },
    'entry:e1000_xmit_frame': (rows) => { calls += rows.count; },
  };
  export const end = () => ({ tables: [{ title: 'DMA', columns: ['bytes'], rows: [[bytes]] }] });
end() may return tables and findings; a finding of severity "error" gives exit code 1. See samples/query.`;

/** Only its own faults are told with a stack. */
async function load(path: string): Promise<Script> {
  if (!existsSync(path)) throw new CliError(EXIT.usage, `${path}: no such file`);
  let script: Script;
  try {
    script = (await import(pathToFileURL(realpathSync(path)).href)) as Script;
  } catch (error) {
    throw new CliError(EXIT.usage, `${path}: ${(error as Error).stack ?? String(error)}`);
  }
  const { on } = script;
  const handlers = typeof on === 'object' && on !== null ? Object.values(on) : undefined;
  if (handlers?.every((handler) => typeof handler === 'function') === true) return script;
  throw new CliError(
    EXIT.usage,
    `${path}: exports no \`on\` with functions in it`,
    "export const on = { 'irq:softirq_entry': (rows) => { ... } };",
  );
}

/** What the user's code throws is the user's, with the place. */
function running<T>(path: string, work: () => T): T {
  try {
    return interruptible(work);
  } catch (error) {
    const { name, stack, message } = error as Error;
    if (name === 'AbortError' || name === 'TraceError') throw error;
    throw new CliError(EXIT.usage, `${path}: ${name === 'RangeError' ? message : (stack ?? message)}`);
  }
}

export function registerScript(program: Command, context: Context): void {
  const command = program
    .command('script')
    .description('run a module of yours over the events of a recording')
    .argument('<file>', 'a trace file')
    .argument('<script>', 'a JavaScript module (.mjs)')
    .argument('[args...]', "the script's own arguments, after --");
  jsonOption(filterOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, path: string, args: readonly string[], options: ScriptOptions) => {
      requireFile(file);
      const script = await load(path);
      const { openTrace, Recording } = await decoder();
      const { partOf, isPart, withoutShortCalls } = await filtering();
      const progress = startProgress(process.stderr, !process.stderr.isTTY);
      const whole = openTrace(file);
      try {
        const filter = filterOf(options) ?? {};
        const nothing = unmatched(whole, options);
        if (nothing !== undefined) throw nothing;
        const part = isPart(filter) ? partOf(whole, filter) : whole;
        const trace = filter.minDuration === undefined ? part : withoutShortCalls(part, filter.minDuration);
        const recording = new Recording(trace);
        progress.step(`read ${file}`);
        await turn();
        await running(path, () => script.begin?.({ recording, args }));
        running(path, () => recording.forEach(script.on as Handlers));
        const result = readScriptResult(path, await running(path, () => script.end?.()));
        progress.end();
        if (options.json === true) printJson('script', result);
        else process.stdout.write(renderScriptResult(result));
        if (result.findings.some(({ severity }) => severity === 'error')) context.exit(EXIT.workloadFailed);
      } finally {
        progress.end();
        whole.close();
      }
    });
}
