// SPDX-License-Identifier: MIT
import { openSync, readSync, closeSync } from 'node:fs';
import { basename } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { ServedProfile } from '../../open/index.js';
import type { Context } from '../context.js';
import { interruptible } from '../interruptible.js';
import { startProgress } from '../output.js';
import { exports_, speedscope } from '../parts.js';
import { loadTrace, requireFile } from '../trace-file.js';

interface OpenCommandOptions {
  readonly browser: boolean;
  readonly port?: number;
}

const EXAMPLES = `
Examples:
  dde-profile open run.ddet
  dde-profile open callgrind.out.e1000e --no-browser      any profile that speedscope reads`;

function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 65535)
    throw new InvalidArgumentError('port must be 1 to 65535');
  return number;
}

/** A trace of ours, or a profile that another tool wrote. */
export function isTrace(path: string): boolean {
  const head = Buffer.alloc(4);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, head, 0, 4, 0);
  } finally {
    closeSync(fd);
  }
  return head.toString('latin1') === 'DDET' || path.endsWith('.ddet');
}

export function registerOpen(program: Command, context: Context): void {
  program
    .command('open')
    .description('show a recording in speedscope, served on 127.0.0.1')
    .argument('<file>', "a trace file, or another tool's profile")
    .option('--no-browser', 'print the address only')
    .option('--port <n>', 'the port; any free one by default', port)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: OpenCommandOptions) => {
      requireFile(file);
      const profiles: ServedProfile[] = [];
      const title = basename(file);
      if (isTrace(file)) {
        const progress = startProgress(process.stderr);
        try {
          const { findExporter, memorySink } = await exports_();
          const sink = memorySink();
          const exporter = findExporter('speedscope');
          const { usesEvents: maxEvents } = exporter;
          const keep = { only: [], ...(maxEvents === undefined ? {} : { maxEvents }) };
          const profile = await loadTrace(file, true, progress, undefined, keep);
          interruptible(() => exporter.write(profile, sink));
          for (const [i, source] of sink.files.entries()) {
            profiles.push({ source, title: i === 0 ? title : `${title} (${i + 1})` });
          }
        } finally {
          progress.end();
        }
      } else profiles.push({ source: file, title });
      const { openProfile } = await speedscope();
      await openProfile(profiles, {
        browser: options.browser,
        signal: context.signal,
        ...(options.port === undefined ? {} : { port: options.port }),
        onReady: (server) => {
          process.stdout.write(`${server.urls.join('\n')}\n`);
          process.stderr.write('Press Ctrl-C to stop.\n');
        },
        onBrowserError: () => process.stderr.write('No browser could be started: open the address yourself.\n'),
      });
    });
}
