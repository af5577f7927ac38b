// SPDX-License-Identifier: MIT
// The forms of a build's sites.json, tracepoints.json and registers.json: what is written here and read by the profiler
// (profiler/builds), which takes them from this file and nothing else of the build.
import { z } from 'zod';

const siteSchema = z.object({
  i: z.number(),
  kind: z.enum(['api', 'driver', 'core']),
  name: z.string(),
  addr: z.number(),
  /** Of a thunk: the function behind it, and behind its guard. */
  target: z.number().optional(),
  /** Of a driver's function: the kernel has its address and may call it. */
  callback: z.boolean().optional(),
  file: z.string().optional(),
});
export const sitesSchema = z.object({ sites: z.array(siteSchema) });
export type Site = Readonly<z.infer<typeof siteSchema>>;

const tracepointFieldSchema = z.object({
  /** As C has it: `unsigned long`, `char[16]`, `__data_loc char[]`. */
  type: z.string(),
  name: z.string(),
  /** In bytes of the record, behind Linux's common fields. */
  offset: z.number(),
  size: z.number(),
  signed: z.boolean(),
});
const tracepointSchema = z.object({
  /** Place in the executable's table: its bit in the control page, and 4096 less than its event's number. */
  i: z.number(),
  /** `system:event`. */
  name: z.string(),
  fields: z.array(tracepointFieldSchema),
  /** The kernel's print format. */
  format: z.string(),
});
export const tracepointsSchema = z.object({ tracepoints: z.array(tracepointSchema) });
export type TracepointField = Readonly<z.infer<typeof tracepointFieldSchema>>;
export type Tracepoint = Readonly<z.infer<typeof tracepointSchema>>;

export const registersSchema = z.object({ registers: z.array(z.object({ offset: z.number(), name: z.string() })) });
