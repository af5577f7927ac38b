// SPDX-License-Identifier: MIT
// The JSON lines that a driver process writes to --result-fd (ARCHITECTURE.md, section 2), checked.

import { z } from 'zod';

const device = z.looseObject({
  type: z.literal('device'),
  bdf: z.string(),
  driver: z.string(),
  irqMode: z.string().optional(),
  vectors: z.number().optional(),
});
const link = z.looseObject({
  type: z.literal('link'),
  netdev: z.string(),
  up: z.boolean(),
  atMs: z.number().optional(),
});
const progress = z.looseObject({ type: z.literal('progress') });
const result = z.looseObject({ type: z.literal('result'), workload: z.string(), ok: z.boolean() });
const irqs = z.looseObject({
  type: z.literal('irqs'),
  irqs: z.array(z.looseObject({ irq: z.number(), name: z.string(), count: z.number() })),
});
const counters = z.looseObject({ type: z.literal('counters') });
const leak = z.looseObject({ type: z.literal('leak') });
/** Raw: addresses are named by whoever reads it (profiler/debug/crash). */
const crash = z.looseObject({
  type: z.literal('crash'),
  reason: z.string(),
  text: z.string().optional(),
  stage: z.string().optional(),
  seconds: z.number().optional(),
  signal: z.number().optional(),
  code: z.number().optional(),
  address: z.string().optional(),
  access: z.string().optional(),
  thread: z.string().optional(),
  exact: z.boolean().optional(),
  pcs: z.array(z.string()).optional(),
  /** Of a recursion: so many frames are left out before this one of `pcs`. */
  omitted: z.object({ before: z.number(), count: z.number() }).optional(),
  registers: z.record(z.string(), z.string()).optional(),
});
const crashStack = z.looseObject({ type: z.literal('crashStack'), used: z.number(), size: z.number() });
const crashContext = z.looseObject({
  type: z.literal('crashContext'),
  context: z.enum(['nmi', 'interrupt', 'softirq', 'thread']),
  interruptsOff: z.boolean(),
  preemptDepth: z.number(),
  pid: z.number(),
  task: z.string(),
});
const crashDma = z.looseObject({
  type: z.literal('crashDma'),
  count: z.number(),
  bytes: z.number(),
  newest: z.array(
    z.looseObject({
      id: z.number(),
      dma: z.string(),
      size: z.number(),
      dir: z.number(),
      coherent: z.boolean(),
      caller: z.string(),
    }),
  ),
});
/** All is told: the process waits for a word of the parent. */
const crashTold = z.looseObject({ type: z.literal('crashTold') });
/** The workload waits for its peer. */
const listening = z.looseObject({ type: z.literal('listening'), protocol: z.enum(['tcp', 'udp']), port: z.number() });
/** The card is an interface of this machine now. */
const tap = z.looseObject({ type: z.literal('tap'), name: z.string(), netdev: z.string() });
/** A device that no driver took. */
const unclaimed = z.looseObject({ type: z.literal('unclaimed'), bdf: z.string() });
/** An out-of-tree module was started; `error` as insmod would tell. */
const module = z.looseObject({
  type: z.literal('module'),
  name: z.string(),
  error: z.number(),
  pciDriver: z.boolean(),
});
const control = z.looseObject({ type: z.literal('control'), ok: z.boolean() });
const exit = z.looseObject({ type: z.literal('exit'), code: z.number() });

const schema = z.discriminatedUnion('type', [
  device,
  link,
  progress,
  result,
  irqs,
  counters,
  leak,
  crash,
  crashStack,
  crashContext,
  crashDma,
  crashTold,
  listening,
  tap,
  unclaimed,
  module,
  control,
  exit,
]);

export type DriverEvent = z.infer<typeof schema>;
export type CrashEvent = z.infer<typeof crash>;
export type ResultEvent = z.infer<typeof result>;

/** undefined for a line that is no event of this version: it is left out, as a newer driver may say more. */
export function parseEvent(line: string): DriverEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
