#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// dde-profile. The only place that sets the exit code, and where every error ends, wherever it was thrown.

import { CommanderError } from 'commander';
import { abort, insist, terminalIsHandedOver } from './abort.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { failureOf } from './failure.js';
import { printFailure, printJson } from './output.js';
import { createProgram, VERBS } from './program.js';

let interrupts = 0;

/** The first one asks all work to end. Whoever presses Ctrl-C a third time does not want to wait; what was started dies with this process. */
function interrupted(signal: NodeJS.Signals): void {
  if (signal === 'SIGINT' && terminalIsHandedOver()) return;
  if (abort.signal.aborted) insist.abort();
  abort.abort();
  if (++interrupts >= 3) process.exit(EXIT.interrupted);
}
process.on('SIGINT', interrupted);
process.on('SIGTERM', interrupted);
process.on('SIGHUP', interrupted);
abort.signal.addEventListener('abort', () => process.stderr.write('stopping ...\n'), { once: true });

/** The verb that the JSON is of; `error` when there is none. */
function verbOf([, , verb = '']: readonly string[]): string {
  return Object.hasOwn(VERBS, verb) ? verb : 'error';
}

/** The exit code for an error, which is told. */
function endOf(error: unknown): ExitCode {
  const json = process.argv.includes('--json') ? verbOf(process.argv) : undefined;
  if (error instanceof CommanderError) {
    // Help and version are no faults; commander has printed the others.
    if (error.exitCode === 0 || error.code === 'commander.help') return EXIT.ok;
    const message = error.message.replace(/^error: /, '');
    if (json !== undefined) printJson(json, { error: { code: 'ERR_DDE_USAGE', message, exitCode: EXIT.usage } });
    return EXIT.usage;
  }
  // An export that wrote to the pipe itself: `| head` is no fault.
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return EXIT.ok;
  if (abort.signal.aborted) return EXIT.interrupted;
  const failure = failureOf(error);
  printFailure(failure, json);
  return failure.exitCode;
}

// Of a timer's callback, an event of a worker: nobody waits for them. What was started dies with this process.
process.on('uncaughtException', (error) => process.exit(endOf(error)));
process.on('unhandledRejection', (error) => process.exit(endOf(error)));
// `dde-profile report ... | head` is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  process.stderr.write(`dde-profile: stdout: ${error.message}\n`);
  process.exit(EXIT.hostIo);
});

const context = {
  signal: abort.signal,
  exit: (code: ExitCode) => {
    process.exitCode = code;
  },
};

try {
  const program = await createProgram(context, process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.exitCode = endOf(error);
}
// What still goes on in the background (the removal of a folder, a wait for a lock) keeps nobody waiting who wants to stop.
if (abort.signal.aborted) process.exit();
