// SPDX-License-Identifier: MIT
// One way to name a driver process: its PID, or nothing when only one is running.

import type { Command } from 'commander';
import { findRunning } from '../../run/running.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';

export function processArgument(command: Command): Command {
  return command.argument('[pid]', 'the driver process (`dde-profile ps`); may be left out when only one is running');
}

export function isPid(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) > 0;
}

/** @throws CliError for what is no process ID, LaunchError when none or several are running */
export function processOf(text: string | undefined): number {
  if (text === undefined) return findRunning().pid;
  if (!isPid(text)) {
    const advice = '`dde-profile ps` lists the driver processes.';
    throw new CliError(EXIT.usage, `${JSON.stringify(text)} is not a process ID`, advice);
  }
  return Number(text);
}
