// SPDX-License-Identifier: MIT
// The registry: one line a topic. Reports, findings and pictures follow its order.

import type { Topic } from '../read/index.js';
import { afterRemoveFolder } from './after-remove/index.js';
import type { ArgumentOptions } from './arguments/collect.js';
import { argumentsFolder } from './arguments/index.js';
import { atomicSleepFolder } from './atomic-sleep/index.js';
import { bindingFolder } from './binding/index.js';
import type { ResultRule, Picture, Rule, SqlTable, TopicFolder, TopicTable } from './contract.js';
import type { DmaOptions } from './dma/collect.js';
import { dmaFolder } from './dma/index.js';
import { dmaBuffersFolder } from './dma-buffers/index.js';
import { dmaOwnershipFolder } from './dma-ownership/index.js';
import { heapFolder } from './heap/index.js';
import { interruptPathFolder } from './interrupt-path/index.js';
import { irqFolder } from './irq/index.js';
import { kernelReportsFolder } from './kernel-reports/index.js';
import { leaksFolder } from './leaks/index.js';
import { locksFolder } from './locks/index.js';
import { memoryFolder } from './memory/index.js';
import { napiFolder } from './napi/index.js';
import type { PacketOptions } from './packets/collect.js';
import { packetsFolder } from './packets/index.js';
import { registersFolder } from './registers/index.js';
import { softirqFolder } from './softirq/index.js';
import { systemCallsFolder } from './system-calls/index.js';
import { timersFolder } from './timers/index.js';
import { triggersFolder } from './triggers/index.js';
import { virtToPhysFolder } from './virt-to-phys/index.js';

export type { ColumnDoc, SqlTable, TableOptions, TopicTable } from './contract.js';

/** What a caller of loadProfile() may ask of topics. */
export type TopicOptions = PacketOptions & ArgumentOptions & DmaOptions;

// biome-ignore lint/suspicious/noExplicitAny: results of all types in one list; each table knows its own.
type AnyFolder = TopicFolder<any, any, TopicOptions>;

const FOLDERS: readonly AnyFolder[] = [
  irqFolder,
  interruptPathFolder,
  softirqFolder,
  napiFolder,
  dmaFolder,
  virtToPhysFolder,
  memoryFolder,
  registersFolder,
  locksFolder,
  timersFolder,
  packetsFolder,
  systemCallsFolder,
  triggersFolder,
  argumentsFolder,
  bindingFolder,
  afterRemoveFolder,
  atomicSleepFolder,
  leaksFolder,
  dmaOwnershipFolder,
  dmaBuffersFolder,
  heapFolder,
  kernelReportsFolder,
];

// biome-ignore lint/suspicious/noExplicitAny: as above.
export const TOPICS: readonly Topic<any, any, TopicOptions>[] = FOLDERS.map(({ topic }) => topic);

export const RESULT_RULES: readonly ResultRule[] = FOLDERS.flatMap(({ resultRules = [] }) => resultRules);

/** By kind of incident. */
export const RULES: ReadonlyMap<string, Rule> = new Map(FOLDERS.flatMap(({ rules = {} }) => Object.entries(rules)));

export const PICTURES: readonly Picture[] = FOLDERS.flatMap(({ pictures = [] }) => pictures);

export const SQL_TABLES: readonly SqlTable[] = FOLDERS.flatMap(({ sql }) => (sql === undefined ? [] : [sql]));

/** With the topic that it shows. */
export const TABLES: readonly (TopicTable & { readonly topic: AnyFolder['topic'] })[] = FOLDERS.flatMap(
  ({ topic, tables = [] }) => tables.map((table) => ({ ...table, topic })),
);

/** The kinds of findings that there can be, in alphabetical order. */
export const FINDING_KINDS: readonly string[] = FOLDERS.flatMap(({ rules = {}, resultKinds = [] }) => [
  ...Object.keys(rules),
  ...resultKinds,
]).sort();
