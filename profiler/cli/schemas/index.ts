// SPDX-License-Identifier: MIT
// The forms of --json, one a verb; profiler/cli/schemas/json holds them as JSON Schema (made by write.ts). Times are in nanoseconds, unless a
// name says otherwise. Objects may get more properties in the same version; a property that is here stays.

import { z } from 'zod';
import { schemaName } from './name.js';

const failure = z.object({
  /** Such as ERR_DDE_OPTION or ENOSPC. */
  code: z.string(),
  message: z.string(),
  exitCode: z.number().int(),
  advice: z.string().optional(),
});

const listed = z.looseObject({ name: z.string(), text: z.string().optional() });
const lists = z.looseObject({ lists: z.record(z.string(), z.array(listed)) });

const evidence = z.looseObject({
  at: z.number(),
  thread: z.string(),
  source: z.string().optional(),
  stack: z.array(z.string()),
  text: z.string(),
});
const finding = z.looseObject({
  kind: z.string(),
  severity: z.enum(['error', 'warning', 'note']),
  title: z.string(),
  hint: z.string(),
  count: z.number().int(),
  evidence: z.array(evidence),
});
const findings = z.array(finding).nullable();
const errorCounts = z.looseObject({ errors: z.number(), contexts: z.number() });

const codeFrame = z.looseObject({
  pc: z.string(),
  function: z.string(),
  file: z.string().optional(),
  line: z.number().int().optional(),
  /** Its code stands inside of the next frame's function. */
  inlined: z.boolean(),
  /** Frames of a recursion that are left out before this one. */
  omitted: z.number().int().optional(),
});
/** The report of a crash. */
const crash = z.looseObject({
  what: z.string(),
  notes: z.array(z.string()),
  thread: z.string(),
  pid: z.number().int().optional(),
  context: z.enum(['nmi', 'interrupt', 'softirq', 'thread']).optional(),
  interruptsOff: z.boolean().optional(),
  preemptDepth: z.number().int().optional(),
  /** Innermost first. */
  stack: z.array(codeFrame),
  registers: z.record(z.string(), z.string()).optional(),
  dma: z
    .looseObject({
      count: z.number().int(),
      bytes: z.number(),
      newest: z.array(
        z.looseObject({ id: z.number(), dma: z.string(), size: z.number(), direction: z.string(), by: z.string() }),
      ),
    })
    .optional(),
  /** Of a recording, the lines of the report: the last events of the thread, the last accesses to the device. */
  events: z.array(z.string()).optional(),
  registerAccesses: z.array(z.string()).optional(),
  gdb: z.looseObject({ command: z.string(), core: z.string().optional() }),
});

const ratio = z.looseObject({ hit: z.number().int(), total: z.number().int(), percent: z.number() });
const covered = z.looseObject({ lines: ratio, functions: ratio, branches: ratio });
/** Of all runs together, and of this one; null when the driver did not come to an end. */
const coverage = covered.extend({
  runs: z.number().int(),
  run: covered,
  files: z.array(covered.extend({ file: z.string() })),
  folder: z.string(),
  html: z.string(),
});

const event = z.looseObject({ type: z.string() });
const result = z.looseObject({ type: z.literal('result'), workload: z.string(), ok: z.boolean() });
const tcp = z.looseObject({
  direction: z.string(),
  sentBytes: z.number(),
  receivedBytes: z.number(),
  equal: z.boolean(),
});
const session = z.looseObject({
  exitCode: z.number().int(),
  /** The signal that ended the driver process. */
  signal: z.string().optional(),
  devices: z.array(event),
  links: z.array(event),
  results: z.array(result),
  tcp: z.array(tcp),
  irqs: event.nullable(),
  counters: event.nullable(),
  countersAfter: z.array(event),
  leaks: z.array(event),
  crashes: z.array(event),
  crash: crash.optional(),
  unclaimed: z.array(event),
});

const trace = z.looseObject({
  file: z.string(),
  produced: z.number(),
  recorded: z.number(),
  lost: z.number(),
  filtered: z.number(),
  bytes: z.number(),
  skippedSites: z.number(),
  error: z.string().nullable(),
});
const mark = z.looseObject({ function: z.string(), at: z.number() });
const recorder = z.looseObject({ pid: z.number().int(), command: z.string() });
const snapshots = z.array(z.looseObject({ file: z.string(), reason: z.string() }));
const trigger = z.looseObject({ function: z.string(), action: z.string(), calls: z.number() });

const share = z.number();
const topFunction = z.looseObject({
  name: z.string(),
  kind: z.string(),
  callsPerSecond: z.number(),
  share,
  selfShare: share,
  meanNs: z.number(),
  maxNs: z.number(),
});

const measure = z.looseObject({ a: z.number(), b: z.number(), ratio: z.number().nullable(), chance: z.number() });

const rows = z.array(z.record(z.string(), z.unknown()));

const pciDevices = z.looseObject({
  devices: z.array(
    z.looseObject({
      bdf: z.string(),
      vendor: z.string(),
      device: z.string(),
      class: z.string(),
      driver: z.string().optional(),
      group: z.string().optional(),
      uses: z.array(z.looseObject({ name: z.string(), what: z.string(), where: z.string().optional() })),
    }),
  ),
});

/** Of each verb what its result holds beside `schema`. */
const RESULTS = {
  doctor: z.looseObject({
    checks: z.array(
      z.looseObject({
        name: z.string(),
        state: z.enum(['ok', 'missing', 'absent']),
        detail: z.string(),
        fix: z.string().optional(),
      }),
    ),
    fix: z.array(z.string()),
  }),
  list: z.union([
    z.looseObject({
      drivers: z.array(z.looseObject({ name: z.string(), title: z.string(), kernels: z.array(z.string()) })),
      devices: z.array(z.looseObject({ name: z.string(), known: z.boolean() })),
    }),
    z.looseObject({ tracepoints: z.array(z.looseObject({ name: z.string(), fields: z.array(z.looseObject({})) })) }),
    pciDevices,
    lists,
  ]),
  exec: z.looseObject({
    pid: z.number().int(),
    offers: z.array(
      z.looseObject({
        kind: z.enum(['char', 'block', 'net', 'sys', 'proc']),
        path: z.string(),
        number: z.string().optional(),
        device: z.string().optional(),
      }),
    ),
  }),
  bind: pciDevices,
  peer: z.looseObject({
    host: z.string(),
    reports: z.array(
      z.looseObject({
        direction: z.enum(['out', 'in']),
        sentBytes: z.number().int(),
        receivedBytes: z.number().int(),
        equal: z.boolean(),
        seconds: z.number(),
      }),
    ),
  }),
  unbind: pciDevices,
  restore: pciDevices,
  build: z.union([
    z.looseObject({ dir: z.string(), executable: z.string(), manifest: z.looseObject({ driver: z.string() }) }),
    /** With --explain. */
    z.looseObject({
      driver: z.string(),
      symbols: z.array(
        z.looseObject({
          name: z.string(),
          kind: z.enum(['real', 'port', 'host', 'missing', 'private']),
          users: z.array(z.string()),
          remedy: z.string().optional(),
        }),
      ),
      stubs: z.array(z.looseObject({ name: z.string(), option: z.string(), remedy: z.string() })),
    }),
  ]),
  cache: z.looseObject({
    folder: z.string(),
    bytes: z.number(),
    parts: z.array(z.looseObject({ name: z.string(), entries: z.number().int(), bytes: z.number() })),
    freed: z.number().optional(),
  }),
  run: z.union([session, lists]),
  record: z.union([
    session.extend({
      trace,
      stopped: z.string().optional(),
      marks: z.array(mark).optional(),
      snapshots: snapshots.optional(),
      findings,
    }),
    lists,
  ]),
  ps: z.looseObject({
    drivers: z.array(
      z.looseObject({
        pid: z.number().int(),
        driver: z.string(),
        kernel: z.string(),
        devices: z.array(z.string()),
        workload: z.string(),
        uptimeSeconds: z.number(),
        recorder: recorder.nullable(),
        build: z.string(),
      }),
    ),
  }),
  attach: z.union([
    z.looseObject({
      pid: z.number().int(),
      driver: z.string(),
      driverEnded: z.boolean(),
      attachMs: z.number(),
      trace,
      findings,
    }),
    z.looseObject({ pid: z.number().int(), driver: z.string(), snapshot: z.literal(true), trace }),
    z.looseObject({ pid: z.number().int(), driver: z.string(), snapshots }),
    lists,
  ]),
  control: z.union([
    z.looseObject({
      pid: z.number().int(),
      /** False: the process is stopped, and the change takes place when it goes on. */
      applied: z.boolean(),
      categories: z.array(z.string()),
      api: z.number(),
      driver: z.number(),
      core: z.number(),
      tracepoints: z.array(z.string()),
      triggers: z.array(trigger),
    }),
    lists,
  ]),
  /** One line a window. */
  top: z.union([
    z.looseObject({
      pid: z.number().int(),
      driver: z.string(),
      recorder: recorder.nullable(),
      seconds: z.number(),
      busyShare: share,
      interruptsPerSecond: z.number(),
      functions: z.array(topFunction),
    }),
    lists,
  ]),
  report: z.union([
    z.looseObject({
      overview: z.looseObject({ duration: z.number(), busy: z.number(), threads: z.number(), calls: z.number() }),
    }),
    z.looseObject({ findings: z.array(finding) }),
    lists,
  ]),
  /** One line an event. */
  events: z.looseObject({ at: z.number(), name: z.string(), thread: z.string(), args: z.looseObject({}) }),
  diff: z.looseObject({
    a: z.array(z.string()),
    b: z.array(z.string()),
    alpha: z.number(),
    paths: z.array(z.looseObject({ name: z.string(), path: z.string(), perCall: measure, calls: measure })),
    onlyA: z.array(z.string()),
    onlyB: z.array(z.string()),
  }),
  /** With --schema or --examples; rows of an answer are an array, see below. */
  query: z.union([
    z.looseObject({ tables: z.array(z.looseObject({})), macros: z.array(z.looseObject({})) }),
    z.looseObject({ examples: z.array(z.looseObject({ name: z.string(), question: z.string(), sql: z.string() })) }),
  ]),
  script: z.looseObject({
    tables: z.array(
      z.looseObject({ title: z.string(), columns: z.array(z.string()), rows: z.array(z.array(z.unknown())) }),
    ),
    findings: z.array(z.looseObject({ kind: z.string(), severity: z.string(), title: z.string() })),
  }),
  export: z.union([
    z.looseObject({
      format: z.string(),
      files: z.array(z.string()),
      records: z.number(),
      notes: z.array(z.string()),
    }),
    lists,
  ]),
  valgrind: session.extend({
    output: z.string().optional(),
    memcheck: errorCounts.optional(),
    helgrind: errorCounts.optional(),
    drd: errorCounts.optional(),
    findings: z.array(finding).optional(),
  }),
  check: z.looseObject({
    findings: z.array(finding),
    crash: crash.optional(),
    coverage: coverage.nullable().optional(),
  }),
} as const;

/** Verbs whose JSON is an error alone: they have no result to give as JSON, or a terminal of their own. */
const ERRORS_ONLY = ['drgn', 'completion', 'open', 'gdb', 'inspect', 'error'];

/** What a verb with --json may write: its result, or an error (usage errors included). */
export const SCHEMAS: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  [...Object.entries(RESULTS), ...ERRORS_ONLY.map((verb) => [verb, undefined] as const)].map(([verb, form]) => {
    const schema = z.object({ schema: z.literal(schemaName(verb)) });
    const error = schema.extend({ error: failure });
    if (form === undefined) return [verb, error];
    const result = z.intersection(schema.loose(), form);
    // The columns of an answer are those of the question.
    return [verb, verb === 'query' ? z.union([rows, result, error]) : z.union([result, error])];
  }),
);
