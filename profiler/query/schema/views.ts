// SPDX-License-Identifier: MIT
// Views over the stored tables, with Perfetto's names, and macros for the usual joins. All hold the column `recording`.

import type { TableDoc } from './types.js';

export interface View extends TableDoc {
  readonly select: string;
}

export interface Macro {
  readonly name: string;
  readonly call: string;
  readonly text: string;
  readonly define: string;
}

const WORD = `CASE a.word WHEN 0 THEN w.arg0 WHEN 1 THEN w.arg1 WHEN 2 THEN w.arg2 WHEN 3 THEN w.arg3 WHEN 4 THEN w.arg4
  WHEN 5 THEN w.arg5 WHEN -1 THEN w.ret END::BIGINT`;

const SLICE: View = {
  name: 'slice',
  text: 'calls of functions, and what runs in a context of its own: interrupts, softirqs, timers, work items',
  columns: [
    ['recording', 'text', 'which recording'],
    ['id', 'id', 'in the order of entry'],
    ['ts', 'ns', 'entry, from the begin of the recording'],
    ['dur', 'ns', 'from entry to exit'],
    ['thread_dur', 'ns', 'the part of it on the virtual CPU, callees included: `total` of the report'],
    ['self_dur', 'ns', 'the part of it in the function itself: `self` of the report'],
    ['off_dur', 'ns', 'the part of it off the CPU, or under an interrupt'],
    ['track_id', 'id', 'track of the thread'],
    ['utid', 'id', 'thread'],
    [
      'category',
      'text',
      'driver, kernel API (called by the driver), Linux core, hardirq, softirq, timer, workqueue, program, system call',
    ],
    ['name', 'text', 'function, or what runs'],
    ['depth', 'number', '0: the outermost of its thread'],
    ['parent_id', 'id', 'call within which it happened; null: none'],
    ['arg_set_id', 'id', 'its arguments in args'],
    ['function_id', 'id', 'function'],
    ['recursive', 'boolean', 'within a call of the same function: sums of thread_dur count it twice'],
  ],
  select: `SELECT recording, id, ts, dur, dur - off_dur AS thread_dur, dur - off_dur - child_dur AS self_dur, off_dur, utid AS track_id,
    utid, category, name, depth, parent_id, id AS arg_set_id, function_id, recursive = 1 AS recursive FROM stored.slice`,
};

const THREAD_SLICE: View = {
  name: 'thread_slice',
  text: 'slice with its thread',
  columns: [
    ...SLICE.columns,
    ['thread_name', 'text', 'name of the thread'],
    ['tid', 'number', "the operating system's thread id"],
    ['role', 'text', 'boot, irq, softirq, timer, work, kthread, workload, idle, other'],
  ],
  select: `SELECT s.*, t.name AS thread_name, t.tid, t.role FROM slice s JOIN stored.thread t ON t.recording = s.recording AND t.utid = s.utid`,
};

const FUNCTION_STATS: View = {
  name: 'function_stats',
  text: "the report's table of functions",
  columns: [
    ['recording', 'text', 'which recording'],
    ['name', 'text', 'function'],
    ['category', 'text', 'as in slice'],
    ['calls', 'number', 'how often'],
    ['total', 'ns', 'on the CPU, callees included, a recursive call counted once'],
    ['self', 'ns', 'on the CPU in itself'],
    ['wall', 'ns', 'from entry to exit'],
    ['min', 'ns', 'thread_dur of the fastest call'],
    ['p50', 'ns', 'of thread_dur'],
    ['p99', 'ns', 'of thread_dur'],
    ['max', 'ns', 'thread_dur of the slowest call'],
  ],
  select: `SELECT recording, name, category, count(*) AS calls, coalesce(sum(thread_dur) FILTER (NOT recursive), 0)::BIGINT AS total,
    sum(self_dur)::BIGINT AS self, coalesce(sum(dur) FILTER (NOT recursive), 0)::BIGINT AS wall, min(thread_dur) AS min,
    quantile_disc(thread_dur, 0.5) AS p50, quantile_disc(thread_dur, 0.99) AS p99, max(thread_dur) AS max
    FROM slice GROUP BY ALL`,
};

const CALL_EDGE: View = {
  name: 'call_edge',
  text: 'who calls whom, over all stacks',
  columns: [
    ['recording', 'text', 'which recording'],
    ['caller', 'text', 'function'],
    ['callee', 'text', 'function that it calls'],
    ['calls', 'number', 'how often'],
    ['total', 'ns', 'on the CPU in the callee'],
  ],
  select: `SELECT c.recording, p.name AS caller, c.name AS callee, count(*) AS calls, sum(c.dur - c.off_dur)::BIGINT AS total
    FROM stored.slice c JOIN stored.slice p ON p.recording = c.recording AND p.id = c.parent_id GROUP BY ALL`,
};

const TRACK: View = {
  name: 'track',
  text: 'tracks: one a thread, one a counter',
  columns: [
    ['recording', 'text', 'which recording'],
    ['id', 'id', 'of the track'],
    ['name', 'text', 'of the thread or counter'],
    ['type', 'text', 'thread or counter'],
    ['utid', 'id', 'thread; null: a counter'],
  ],
  select: `SELECT recording, utid::BIGINT AS id, name, 'thread' AS type, utid FROM stored.thread
    UNION ALL SELECT recording, id::BIGINT, name, 'counter', NULL FROM stored.counter_track`,
};

const THREAD_TRACK: View = {
  name: 'thread_track',
  text: 'tracks of threads',
  columns: [
    ['recording', 'text', 'which recording'],
    ['id', 'id', 'of the track'],
    ['utid', 'id', 'thread'],
    ['name', 'text', 'of the thread'],
  ],
  select: 'SELECT recording, utid AS id, utid, name FROM stored.thread',
};

const ARGS: View = {
  name: 'args',
  text: 'arguments and results of calls, one a row; as far as they were recorded: 32 bits of each',
  columns: [
    ['recording', 'text', 'which recording'],
    ['arg_set_id', 'id', 'of the slice'],
    ['flat_key', 'text', "the argument's name; ret: what the call returned"],
    ['key', 'text', 'the same'],
    ['type', 'text', 'as C has it'],
    ['value_type', 'text', 'int, pointer or string (an enum)'],
    ['int_value', 'number', 'with its sign; a pointer as a number'],
    ['string_value', 'text', "an enum's name"],
    ['real_value', 'number', 'null'],
  ],
  select: `WITH words AS (
      SELECT w.recording, w.slice_id AS arg_set_id, a.name, a.type, a.format, a.is_signed, a.bits, a.enum_values, ${WORD} AS word
      FROM stored.call_words w JOIN stored.function_arg a ON a.recording = w.recording AND a.function_id = w.function_id
    ), numbers AS (
      SELECT *, word & ((1::BIGINT << bits) - 1)
        - CASE WHEN is_signed = 1 AND (word >> (bits - 1)) & 1 = 1 THEN 1::BIGINT << bits ELSE 0 END AS number
      FROM words WHERE word IS NOT NULL
    )
    SELECT recording, arg_set_id, name AS flat_key, name AS key, type,
      CASE format WHEN 'enum' THEN 'string' WHEN 'dec' THEN 'int' ELSE 'pointer' END AS value_type, number AS int_value,
      CASE WHEN format = 'enum' THEN json_extract_string(enum_values, '$."' || number || '"') END AS string_value,
      NULL::DOUBLE AS real_value FROM numbers`,
};

const PACKET_PATH: View = {
  name: 'packet_path',
  text: 'the way of each received packet: signal of the host, interrupt handler, raise, softirq, packet',
  columns: [
    ['recording', 'text', 'which recording'],
    ['packet_id', 'id', 'of packet'],
    ['ts', 'ns', 'when the driver handed the packet to the core'],
    ['len', 'bytes', 'of the packet'],
    ['softirq_id', 'id', 'run of NET_RX in which that happened; null: none was recorded'],
    ['irq_id', 'id', "run of the interrupt handler that raised it; null: it was no handler's"],
    ['irq', 'number', 'its number'],
    ['signal_ts', 'ns', 'when the host signalled it'],
    ['handler_ts', 'ns', 'begin of the handler'],
    ['raise_ts', 'ns', 'NET_RX raised'],
    ['softirq_ts', 'ns', 'begin of NET_RX'],
    ['total', 'ns', 'from the signal, or failing that the handler, to the packet'],
  ],
  select: `WITH way AS (
      SELECT p.recording, p.id AS packet_id, p.ts, p.len, p.utid, s.id AS softirq_id, s.ts AS softirq_ts, s.raise_ts
      FROM stored.packet p ASOF LEFT JOIN (SELECT * FROM stored.softirq WHERE vec = 'NET_RX') s
      ON s.recording = p.recording AND s.utid = p.utid AND p.ts >= s.ts
      WHERE p.dir = 'rx'
    )
    SELECT w.recording, w.packet_id, w.ts, w.len, w.softirq_id, i.id AS irq_id, i.irq, i.signal_ts, i.ts AS handler_ts, w.raise_ts,
      w.softirq_ts, w.ts - coalesce(i.signal_ts, i.ts) AS total
    FROM way w ASOF LEFT JOIN stored.irq i ON i.recording = w.recording AND w.raise_ts >= i.ts`,
};

export const VIEWS: readonly View[] = [
  SLICE,
  THREAD_SLICE,
  FUNCTION_STATS,
  CALL_EDGE,
  TRACK,
  THREAD_TRACK,
  ARGS,
  PACKET_PATH,
];

export const MACROS: readonly Macro[] = [
  {
    name: 'ancestor_slice',
    call: 'ancestor_slice(slice_id)',
    text: 'table: the calls within which a call happened, the innermost first',
    define: `CREATE MACRO ancestor_slice(of) AS TABLE
      WITH RECURSIVE up AS (
        SELECT *, 0 AS distance FROM slice WHERE id = of
        UNION ALL SELECT p.*, up.distance + 1 FROM slice p JOIN up ON p.recording = up.recording AND p.id = up.parent_id
      ) SELECT * FROM up WHERE distance > 0 ORDER BY distance`,
  },
  {
    name: 'descendant_slice',
    call: 'descendant_slice(slice_id)',
    text: 'table: all calls that happened within a call',
    define: `CREATE MACRO descendant_slice(of) AS TABLE
      SELECT c.* FROM slice c JOIN (SELECT * FROM slice WHERE id = of) p
      ON c.recording = p.recording AND c.utid = p.utid AND c.ts >= p.ts AND c.ts + c.dur <= p.ts + p.dur AND c.id > p.id AND c.depth > p.depth`,
  },
  {
    name: 'slices_in',
    call: 'slices_in(from_ns, to_ns)',
    text: 'table: the calls that overlap a span of time, on all threads',
    define: `CREATE MACRO slices_in(from_ns, to_ns) AS TABLE
      SELECT * FROM slice WHERE ts < to_ns AND ts + dur > from_ns`,
  },
  {
    name: 'overlapping_slice',
    call: 'overlapping_slice(slice_id)',
    text: 'table: the calls on other threads that overlap a call',
    define: `CREATE MACRO overlapping_slice(of) AS TABLE
      SELECT o.* FROM slice o JOIN (SELECT * FROM slice WHERE id = of) s
      ON o.recording = s.recording AND o.utid <> s.utid AND o.ts < s.ts + s.dur AND o.ts + o.dur > s.ts`,
  },
  {
    name: 'extract_arg',
    call: 'extract_arg(arg_set_id, key)',
    text: 'text: an argument of a call by name; ret: its result',
    define: `CREATE MACRO extract_arg(of, which) AS (
      SELECT any_value(coalesce(string_value, int_value::VARCHAR)) FROM args WHERE arg_set_id = of AND flat_key = which)`,
  },
  {
    name: 'symbol_at',
    call: 'symbol_at(address)',
    text: 'text: the function that holds a code address',
    define: `CREATE MACRO symbol_at(of) AS (
      SELECT arg_max(name, address) FROM stored.symbol WHERE address <= of AND of < address + greatest(size, 1))`,
  },
  {
    name: 'callers_of',
    call: 'callers_of(function_name)',
    text: 'table: who calls a function, how often, for how long',
    define: `CREATE MACRO callers_of(which) AS TABLE
      SELECT p.name AS caller, count(*) AS calls, sum(c.dur - c.off_dur)::BIGINT AS total
      FROM stored.slice c JOIN stored.slice p ON p.recording = c.recording AND p.id = c.parent_id
      WHERE c.name = which GROUP BY ALL ORDER BY total DESC`,
  },
];
