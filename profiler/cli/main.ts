#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// dde-profile. The only place that sets the exit code.

import { CommanderError } from 'commander';
import { abort } from './abort.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { failureOf } from './failure.js';
import { printFailure } from './output.js';
import { createProgram } from './program.js';

let interrupts = 0;

function interrupted(): void {
  abort.abort();
  // Whoever presses Ctrl-C a third time does not want to wait; what was started dies with this process.
  if (++interrupts >= 3) process.exit(EXIT.interrupted);
}
process.on('SIGINT', interrupted);
process.on('SIGTERM', interrupted);
process.on('SIGHUP', interrupted);
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
  if (error instanceof CommanderError) {
    // Help and version are no faults; commander has printed the others.
    process.exitCode = error.exitCode === 0 || error.code === 'commander.help' ? EXIT.ok : EXIT.usage;
  } else if (error instanceof Error && 'code' in error && error.code === 'EPIPE') {
    process.exitCode = EXIT.ok; // an export that wrote to the pipe itself: the same as above
  } else if (abort.signal.aborted) {
    process.exitCode = EXIT.interrupted;
  } else {
    const failure = failureOf(error);
    printFailure(failure, process.argv.includes('--json'));
    process.exitCode = failure.exitCode;
  }
}
