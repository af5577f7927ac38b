// SPDX-License-Identifier: MIT
// What every trace file says about its build and its host.

import { arch, cpus, hostname, release, totalmem } from 'node:os';
import { ElfError } from '../../tracer/elf/elf.js';
import { driverLines, type PackedLines, type Prototypes } from '../../tracer/symbols/index.js';
import { describeSites } from './call-arguments.js';
import type { Category } from './categories.js';
import { eventTable } from '../../tracer/recorder/addon.js';
import { type Build, readRegisters, readTracepoints, type Site } from '../builds/manifest.js';
import { tracepointEvents } from './tracepoint-choice.js';

export interface TraceSource {
  readonly build: Build;
  readonly sites: readonly Site[];
  readonly chosen: readonly number[];
  readonly categories: readonly Category[];
  readonly symbols: readonly object[];
  readonly prototypes?: Prototypes;
  readonly toolVersion: string;
}

function hostFacts(): Record<string, unknown> {
  return {
    name: hostname(),
    kernel: release(),
    arch: arch(),
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    memoryBytes: totalmem(),
  };
}

interface Function {
  readonly addr: number;
  readonly size: number;
  readonly file?: string;
}

/** Read once for an executable: `top` and snapshots ask again and again. */
let known: { executable: string; lines: PackedLines } | undefined;

/** Findings name the driver's lines. Without debug information they name functions only. */
function linesOf({ build, sites, symbols }: TraceSource): { lines?: PackedLines } {
  const { executable, manifest } = build;
  if (known?.executable === executable) return { lines: known.lines };
  const driver = sites.filter((site) => site.kind === 'driver');
  const [entries, files] = [new Set(driver.map((s) => s.addr)), new Set<string | undefined>()];
  const functions = symbols as readonly Function[];
  for (const f of functions) if (entries.has(f.addr)) files.add(f.file);
  files.delete(undefined);
  const own = functions.filter((f) => entries.has(f.addr) || files.has(f.file));
  const roots = [manifest.sourceRoot, manifest.buildRoot, manifest.outOfTree].filter((root) => root !== undefined);
  if (own.length === 0) return {};
  try {
    const lines = driverLines(executable, own, roots);
    known = { executable, lines };
    return { lines };
  } catch (error) {
    if (error instanceof ElfError) return {};
    throw error;
  }
}

export function traceMetadata(source: TraceSource): object {
  const { build, sites, chosen, categories, symbols, prototypes, toolVersion } = source;
  const { manifest } = build;
  return {
    driver: manifest.driver,
    kernelSeries: manifest.kernelSeries,
    kernelVersion: manifest.kernelVersion,
    buildId: manifest.buildId,
    sourceRoot: manifest.sourceRoot,
    ...(manifest.buildRoot === undefined ? {} : { buildRoot: manifest.buildRoot }),
    executable: build.executable,
    host: hostFacts(),
    tool: { name: 'dde-profile', version: toolVersion },
    recorded: { categories, sites: chosen.length },
    ...(prototypes === undefined ? { sites } : describeSites(sites, prototypes)),
    symbols,
    registers: readRegisters(build.dir),
    // All of them: what is recorded may change while the recording goes on.
    eventTable: eventTable(tracepointEvents(readTracepoints(build.dir))),
    ...linesOf(source),
  };
}
