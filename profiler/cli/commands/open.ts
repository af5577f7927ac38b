// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { fileArgument, fileOf } from '../options/file.js';
import { port } from '../options/values.js';
import { openTraceFile } from '../show.js';
import { requireFile } from '../trace-file.js';

const EXAMPLES = `
Examples:
  dde-profile open
  dde-profile open run.ddet --port 8080
  dde-profile open callgrind.out.e1000e --no-browser      any profile that speedscope reads`;

export function registerOpen(program: Command, context: Context): void {
  fileArgument(program.command('open'), "a trace file, or another tool's profile")
    .description('show a recording in speedscope, served on 127.0.0.1')
    .option('--no-browser', 'print the address only')
    .option('--port <n>', 'the port; any free one by default', port)
    .addHelpText('after', EXAMPLES)
    .action(async (given: string | undefined, options: { readonly browser: boolean; readonly port?: number }) => {
      const file = fileOf(given);
      requireFile(file);
      await openTraceFile(file, options, context);
    });
}
