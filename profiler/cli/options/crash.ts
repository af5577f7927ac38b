// SPDX-License-Identifier: MIT
// --on-crash: what is done with a driver process that has crashed.

import { type Command, Option } from 'commander';

const ACTIONS = ['report', 'gdb', 'core'] as const;

export interface CrashOptions {
  readonly onCrash: (typeof ACTIONS)[number];
}

export function crashOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--on-crash <action>',
      'after the report of a crash: gdb (keep the process and open gdb on it) or core (write DRIVER.core.PID)',
    )
      .choices([...ACTIONS])
      .default('report'),
  );
}
