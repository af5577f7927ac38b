// SPDX-License-Identifier: MIT
// stdout carries the result, stderr the progress. A spinner only on a terminal; elsewhere a plain line for each step.

import pc from 'picocolors';
import type { Failure } from './failure.js';

/** Loading it takes as long as reading a million events, so not where it draws nothing. */
const ora = process.stderr.isTTY ? (await import('ora')).default : undefined;

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
    return {
      step: (text) => void (quiet || stream.write(`${text}\n`)),
      event: (text) => void (quiet || stream.write(`${text}\n`)),
      detail: () => undefined,
      line: (text) => void stream.write(`${text}\n`),
      end: () => undefined,
    };
  }
  const spinner = ora({ stream, discardStdin: false });
  let step = '';
  return {
    step(text) {
      if (spinner.isSpinning) spinner.succeed(step);
      step = text;
      spinner.start(text);
    },
    event(text) {
      spinner.text = `${step} ${pc.dim(text)}`;
    },
    detail(text) {
      spinner.text = `${step} ${pc.dim(text)}`;
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

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function printFailure(failure: Failure, json: boolean): void {
  if (failure.output !== undefined) process.stderr.write(`${failure.output.trimEnd()}\n`);
  process.stderr.write(`${pc.red('dde-profile:')} ${failure.message}\n`);
  if (failure.advice !== undefined) process.stderr.write(`${failure.advice}\n`);
  if (json) {
    const { code, message, exitCode, advice } = failure;
    printJson({ error: { code, message, exitCode, ...(advice === undefined ? {} : { advice }) } });
  }
}
