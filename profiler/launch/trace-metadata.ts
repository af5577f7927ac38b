// SPDX-License-Identifier: MIT
// What every trace file says about its build and its host.

import { arch, cpus, hostname, release, totalmem } from 'node:os';
import type { Prototypes } from '../../tracer/symbols/index.js';
import { describeSites } from './call-arguments.js';
import type { Category } from './categories.js';
import { eventTable } from '../../tracer/addon/addon.js';
import { type Build, readRegisters, readTracepoints, type Site } from './manifest.js';
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
  };
}
