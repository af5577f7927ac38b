// SPDX-License-Identifier: MIT
// The small tables: what was recorded, threads, functions and their arguments, symbols, registers, counters, flows, findings.

import type { Trace } from '../../../tracer/decode/types.js';
import type { ParquetColumn } from '../../../tracer/recorder/parquet.js';
import { categoryOf, type Finding, type Profile } from '../../model/index.js';
import { registerStats } from '../../topics/registers/stats.js';
import { type Cell, type SetOptions, Table } from './table.js';

export interface Facts {
  readonly trace: Trace;
  readonly profile: Profile;
  readonly findings: readonly Finding[];
}

interface FactTable {
  readonly name: string;
  readonly columns: readonly ParquetColumn[];
  rows(facts: Facts): Iterable<readonly Cell[]>;
}

const text = (name: string): ParquetColumn => ({ name, type: 'text' });
const textOrNull = (name: string): ParquetColumn => ({ name, type: 'text', optional: true });
const number = (name: string): ParquetColumn => ({ name, type: 'i64' });
const numberOrNull = (name: string): ParquetColumn => ({ name, type: 'i64', optional: true });
const small = (name: string): ParquetColumn => ({ name, type: 'u32' });
const flag = (name: string): ParquetColumn => ({ name, type: 'u8' });

const RECORDING: FactTable = {
  name: 'recording_info',
  columns: [
    text('title'),
    textOrNull('driver'),
    textOrNull('device'),
    textOrNull('kernel'),
    textOrNull('build_id'),
    textOrNull('workload'),
    textOrNull('host'),
    number('start_time'),
    number('dur'),
    number('busy_dur'),
    flag('complete'),
    number('events'),
    number('lost'),
    number('filtered'),
    number('unreadable'),
    numberOrNull('min_dur'),
  ],
  *rows({ profile: { meta, duration, busy, accounting: a } }) {
    yield [
      meta.title,
      meta.driver,
      meta.device,
      meta.kernelVersion,
      meta.buildId,
      meta.workload,
      meta.host,
      Math.round((meta.startedAt ?? 0) * 1e3) * 1e3,
      duration,
      busy,
      meta.complete,
      a.recorded,
      a.lost,
      a.filtered,
      a.corrupt,
      meta.minDuration,
    ];
  },
};

const THREAD: FactTable = {
  name: 'thread',
  columns: [
    small('utid'),
    { name: 'tid', type: 'i64' },
    text('name'),
    text('role'),
    number('start_ts'),
    number('end_ts'),
    number('cpu_dur'),
    number('blocked_dur'),
    number('switches'),
    number('calls'),
  ],
  *rows({ profile: { threads } }) {
    for (const t of threads) {
      yield [t.index, t.tid, t.name, t.role, t.start, t.end, t.onCpu, t.blocked, t.switches, t.calls];
    }
  },
};

const FUNCTION: FactTable = {
  name: 'function',
  columns: [
    small('function_id'),
    text('name'),
    text('category'),
    flag('callback'),
    textOrNull('file'),
    numberOrNull('line'),
    numberOrNull('address'),
  ],
  *rows({ profile: { frames } }) {
    for (const f of frames.list) {
      if (f.kind === 'thread') continue;
      yield [f.id, f.name, categoryOf(f.kind), f.callback === true, f.file, f.line, f.address];
    }
  },
};

/** What word of a call an argument is, for args and extract_arg(). */
const FUNCTION_ARG: FactTable = {
  name: 'function_arg',
  columns: [
    small('function_id'),
    number('position'),
    text('name'),
    text('type'),
    numberOrNull('word'),
    text('format'),
    number('bits'),
    flag('is_signed'),
    textOrNull('enum_values'),
  ],
  *rows({ profile: { frames }, trace }) {
    const sites = new Map(trace.sites.map((site) => [`${site.name}\0${site.addr}`, site]));
    for (const f of frames.list) {
      const site = f.signature === undefined ? undefined : sites.get(`${f.name}\0${f.address}`);
      if (site === undefined) continue;
      const all = [...(site.args ?? []), ...(site.returns === undefined ? [] : [{ ...site.returns, name: 'ret' }])];
      for (const [i, arg] of all.entries()) {
        const returned = i >= (site.args?.length ?? 0);
        const values = arg.enum === undefined ? undefined : trace.metadata.siteEnums?.[arg.enum];
        yield [
          f.id,
          returned ? -1 : i,
          arg.name,
          arg.type,
          returned ? -1 : arg.word,
          arg.format,
          arg.bits,
          arg.signed === true,
          values === undefined ? null : JSON.stringify(values),
        ];
      }
    }
  },
};

const SYMBOL: FactTable = {
  name: 'symbol',
  columns: [number('address'), number('size'), text('name'), textOrNull('file'), numberOrNull('line')],
  *rows({ trace }) {
    for (const s of trace.metadata.symbols ?? []) yield [s.addr, s.size, s.name, s.file, s.line];
  },
};

const REGISTER: FactTable = {
  name: 'register',
  columns: [
    text('region'),
    number('offset'),
    textOrNull('name'),
    number('reads'),
    number('writes'),
    { name: 'last_value', type: 'u64' },
  ],
  *rows({ profile }) {
    for (const r of profile.topics.get(registerStats))
      yield [r.region, r.offset, r.name, r.reads, r.writes, r.lastValue];
  },
};

const COUNTER_TRACK: FactTable = {
  name: 'counter_track',
  columns: [small('id'), text('name'), text('unit')],
  *rows({ profile }) {
    for (const [i, c] of profile.counters.entries()) yield [i, c.name, c.unit];
  },
};

const COUNTER: FactTable = {
  name: 'counter',
  columns: [{ name: 'ts', type: 'i64' }, small('track_id'), { name: 'value', type: 'f64' }],
  *rows({ profile }) {
    for (const [i, c] of profile.counters.entries()) {
      for (const [k, t] of c.time.entries()) yield [t, i, c.value[k]];
    }
  },
};

const FINDING: FactTable = {
  name: 'finding',
  columns: [
    number('id'),
    text('kind'),
    text('severity'),
    text('title'),
    text('hint'),
    number('count'),
    numberOrNull('ts'),
    textOrNull('thread_name'),
    textOrNull('source'),
    textOrNull('stack'),
    textOrNull('evidence'),
  ],
  *rows({ findings }) {
    for (const [i, f] of findings.entries()) {
      for (const e of f.evidence.length === 0 ? [undefined] : f.evidence) {
        const stack = e?.stack.join(' > ');
        yield [i, f.kind, f.severity, f.title, f.hint, f.count, e?.at, e?.thread, e?.source, stack, e?.text];
      }
    }
  },
};

const FACT_TABLES: readonly FactTable[] = [
  RECORDING,
  THREAD,
  FUNCTION,
  FUNCTION_ARG,
  SYMBOL,
  REGISTER,
  COUNTER_TRACK,
  COUNTER,
  FINDING,
];

export function writeFacts(set: SetOptions, facts: Facts): void {
  for (const { name, columns, rows } of FACT_TABLES) {
    const table = new Table(set, name, columns);
    for (const cells of rows(facts)) table.add(cells);
    table.finish();
  }
}
