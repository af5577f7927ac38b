// SPDX-License-Identifier: MIT
// Shows a recording, or another tool's profile, in the browser: for open and record --open.

import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { ServedProfile } from '../open/index.js';
import type { Context } from './context.js';
import { interruptible, turn } from './interruptible.js';
import { startProgress } from './output.js';
import { exports_, speedscope } from './lazy.js';
import { loadTrace } from './trace-file.js';

/** A trace of ours, or a profile that another tool wrote. */
function isTrace(path: string): boolean {
  const head = Buffer.alloc(4);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, head, 0, 4, 0);
  } finally {
    closeSync(fd);
  }
  return head.toString('latin1') === 'DDET' || path.endsWith('.ddet');
}

async function profilesOf(file: string): Promise<ServedProfile[]> {
  const title = basename(file);
  if (!isTrace(file)) return [{ source: file, title }];
  const progress = startProgress(process.stderr);
  try {
    const { findExporter, memorySink } = await exports_();
    const sink = memorySink();
    const exporter = findExporter('speedscope');
    const { usesEvents: maxEvents } = exporter;
    const keep = { only: [], ...(maxEvents === undefined ? {} : { maxEvents }) };
    const profile = await loadTrace(file, true, progress, {}, keep);
    progress.step('prepare the flame graphs');
    await turn();
    interruptible(() => exporter.write(profile, sink));
    return sink.files.map((source, i) => ({ source, title: i === 0 ? title : `${title} (${i + 1})` }));
  } finally {
    progress.end();
  }
}

/** Serves it until Ctrl-C. */
export async function openTraceFile(
  file: string,
  options: { readonly browser: boolean; readonly port?: number },
  context: Context,
): Promise<void> {
  const profiles = await profilesOf(file);
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
}
