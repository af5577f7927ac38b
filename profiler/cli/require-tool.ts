// SPDX-License-Identifier: MIT
import { execa } from 'execa';
import { installCommand } from '../setup/index.js';
import { EXIT } from './exit-codes.js';
import { CliError } from './failure.js';

/** @throws CliError when a program of another Debian package is not there */
export async function requireTool(tool: string, name: string): Promise<void> {
  const found = await execa(tool, ['--version'], { reject: false });
  if (found.exitCode !== 0)
    throw new CliError(EXIT.missing, `${tool}: not found`, `Install it with: ${installCommand([name])}`);
}
