// SPDX-License-Identifier: MIT
// The export formats: one file each, all listed here.

import { callgrind } from './formats/callgrind.js';
import { chrome } from './formats/chrome.js';
import { collapsed } from './formats/collapsed.js';
import { cpuprofile } from './formats/cpuprofile.js';
import { unknownFormat } from './errors.js';
import type { Exporter } from './exporter.js';
import { firefox } from './formats/firefox.js';
import { pcapng } from './formats/pcapng.js';
import { perfetto } from './formats/perfetto.js';
import { pprof } from './formats/pprof.js';
import { speedscope } from './formats/speedscope.js';

export * from './errors.js';
export type * from './exporter.js';
export { type FileSink, fdSink, fileSink, memorySink, partPath } from './files/sink.js';
export { writeWhole } from './files/whole-file.js';

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
