// SPDX-License-Identifier: MIT
// The export formats: one file each, all listed here.

import { callgrind } from './callgrind.js';
import { chrome } from './chrome.js';
import { collapsed } from './collapsed.js';
import { cpuprofile } from './cpuprofile.js';
import { unknownFormat } from './errors.js';
import type { Exporter } from './exporter.js';
import { firefox } from './firefox.js';
import { pcapng } from './pcapng.js';
import { perfetto } from './perfetto.js';
import { pprof } from './pprof.js';
import { speedscope } from './speedscope.js';

export * from './errors.js';
export type * from './exporter.js';
export { type FileSink, fdSink, fileSink, memorySink, partPath } from './sink.js';
export { writeWhole } from './whole-file.js';

export const exporters: readonly Exporter[] = [
  speedscope,
  collapsed,
  chrome,
  perfetto,
  pprof,
  callgrind,
  cpuprofile,
  firefox,
  pcapng,
];

export function exporterNames(): string[] {
  return exporters.map((e) => e.name);
}

export function findExporter(name: string): Exporter {
  const found = exporters.find((e) => e.name === name);
  if (found === undefined) throw unknownFormat(name, exporterNames());
  return found;
}
