// SPDX-License-Identifier: MIT
// stdout carries the result, stderr the progress. A spinner only on a terminal; elsewhere a plain line for each step.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import type { Failure } from './failure.js';
import { schemaName } from './schemas/name.js';
import { colorOn, outputsAreOne } from './terminal.js';

/** Loading it takes as long as reading a million events, so not where it draws nothing. */
const ora = process.stderr.isTTY && process.env['TERM'] !== 'dumb' ? (await import('ora')).default : undefined;

export interface Progress {
  /** A new step. */
  step(text: string): void;
  /** Something happened that the result will tell again: passes by on a terminal. */
  event(text: string): void;
  /** More about the step that is under way; shown on a terminal only. */
  detail(text: string): void;
  /** A line that must not be lost, such as one of the driver's console. */
  line(text: string): void;
  end(): void;
}

export function startProgress(stream: NodeJS.WriteStream, quiet = false): Progress {
  if (quiet || !stream.isTTY || ora === undefined) {
    const repeated = outputsAreOne();
    return {
      step: (text) => void (quiet || stream.write(`${text}\n`)),
      event: (text) => void (quiet || repeated || stream.write(`${text}\n`)),
      detail: () => undefined,
      line: (text) => void stream.write(`${text}\n`),
      end: () => undefined,
    };
  }
  const colors = pc.createColors(colorOn(stream));
  const spinner = ora({ stream, discardStdin: false });
  let step = '';
  return {
    step(text) {
      if (spinner.isSpinning) spinner.succeed(step);
      step = text;
      spinner.start(text);
    },
    event(text) {
      spinner.text = `${step} ${colors.dim(text)}`;
    },
    detail(text) {
      spinner.text = `${step} ${colors.dim(text)}`;
    },
    line(text) {
      spinner.clear();
      stream.write(`${text}\n`);
      if (spinner.isSpinning) spinner.render();
    },
    end() {
      spinner.stop();
    },
  };
}

/** The result of a verb; `schema` names its form (profiler/cli/schemas). */
export function printJson(verb: string, value: object): void {
  process.stdout.write(`${JSON.stringify({ schema: schemaName(verb), ...value }, null, 2)}\n`);
}

/** Writes what a bug report needs to a file of its own; undefined when that cannot be. */
function detailsFile(details: string): string | undefined {
  const facts = [`command: ${process.argv.slice(2).join(' ')}`, `node: ${process.version}`, '', details, ''];
  try {
    const file = join(mkdtempSync(join(tmpdir(), 'dde-profile-error-')), 'details.txt');
    writeFileSync(file, facts.join('\n'), { mode: 0o600 });
    return file;
  } catch {
    return undefined;
  }
}

function internalAdvice(details: string): string {
  const file = detailsFile(details);
  const where = file === undefined ? details : `Details: ${file}`;
  return `This is a bug in dde-profile: please report it with the details.\n${where}`;
}

/** `json`: the verb, when it was asked for JSON. */
export function printFailure(failure: Failure, json: string | undefined): void {
  const advice = failure.details === undefined ? failure.advice : internalAdvice(failure.details);
  const internal = failure.details === undefined ? '' : 'internal error: ';
  if (failure.output !== undefined) process.stderr.write(`${failure.output.trimEnd()}\n`);
  process.stderr.write(
    `${pc.createColors(colorOn(process.stderr)).red('dde-profile:')} ${internal}${failure.message}\n`,
  );
  if (advice !== undefined) process.stderr.write(`${advice}\n`);
  if (json !== undefined) {
    const { code, message, exitCode } = failure;
    printJson(json, { error: { code, message, exitCode, ...(advice === undefined ? {} : { advice }) } });
  }
}
