// SPDX-License-Identifier: MIT
// A recording of ours as one of uftrace's, so that both tools read the same calls of the same functions at the same times.
// uftrace records a small program once, for the files that describe machine and session; then its data are replaced. A record
// is 16 bytes: u64 ns; then type (2 bits: 0 entry, 1 exit), 1 bit, magic 5 (3 bits), depth (10), address (48).
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { KIND, openTrace, type Trace, type TraceThread } from '../../tracer/decode/index.js';

const MAGIC = 5 << 3;
const EXIT = 1;
/** What fits into a record; uftrace itself stops at 1024. */
const MAX_DEPTH = 1023;
const RECORDS = 1 << 16;
const START_NS = 1e12;

class Records {
  count = 0;
  private readonly fd: number;
  private readonly words = new Uint32Array(RECORDS * 4);
  private used = 0;

  constructor(file: string) {
    this.fd = openSync(file, 'w');
  }

  add(ns: number, type: number, depth: number, address: number): void {
    const { words, used } = this;
    const time = Math.floor(ns) + START_NS;
    words[used] = time;
    words[used + 1] = Math.floor(time / 0x1_0000_0000);
    words[used + 2] = ((address % 0x10000) * 0x10000 + (depth << 6) + MAGIC + type) >>> 0;
    words[used + 3] = Math.floor(address / 0x10000);
    this.used += 4;
    this.count++;
    if (this.used === words.length) this.flush();
  }

  private flush(): void {
    writeSync(this.fd, this.words, 0, this.used * 4);
    this.used = 0;
  }

  end(): void {
    this.flush();
    closeSync(this.fd);
  }
}

function writeThread(trace: Trace, thread: TraceThread, file: string, addresses: readonly number[]): number {
  const records = new Records(file);
  let depth = 0;
  trace.forEachBatch(
    (b) => {
      for (let i = 0; i < b.count; i++) {
        const kind = b.kind[i] as number;
        const address = addresses[b.id[i] as number] as number;
        if (kind === KIND.entry) {
          if (depth <= MAX_DEPTH) records.add(b.ts[i] as number, 0, depth, address);
          depth++;
        } else if (kind === KIND.exit) {
          depth--;
          if (depth <= MAX_DEPTH) records.add(b.ts[i] as number, EXIT, depth, address);
        }
      }
    },
    { threads: [thread.index] },
  );
  records.end();
  return records.count;
}

/**
 * Writes the calls of a trace file into a new folder for uftrace.
 * @param source a C program; compiled beside the folder
 * @returns the number of its events
 */
export function asUftrace(file: string, dir: string, source: string): number {
  const program = `${dir}-program`;
  execFileSync('gcc', ['-O1', '-pg', '-o', program, source]);
  execFileSync('uftrace', ['record', '--no-libcall', '--no-event', '-d', dir, program]);
  const trace = openTrace(file);
  try {
    const names = readdirSync(dir);
    const map = names.find((n) => n.endsWith('.map')) as string;
    const lines = readFileSync(join(dir, map), 'utf8').split('\n');
    const own = lines.findIndex((l) => l.includes(program));
    const base = Number.parseInt(lines[own] as string, 16);
    // The program's map is made long enough for all functions: 16 bytes each.
    lines[own] = (lines[own] as string).replace(
      /-[0-9a-f]+/,
      `-${(base + 0x100000 + trace.sites.length * 16).toString(16)}`,
    );
    writeFileSync(join(dir, map), lines.join('\n'));

    const symbol = join(dir, `${program.slice(program.lastIndexOf('/') + 1)}.sym`);
    const head = readFileSync(symbol, 'utf8')
      .split('\n')
      .filter((l) => /^# (path|build)/.test(l));
    const offset = (i: number): number => 0x1000 + i * 16;
    const rows = trace.sites.map((s, i) => `${offset(i).toString(16).padStart(16, '0')} T ${s.name}`);
    rows.push(`${offset(rows.length).toString(16).padStart(16, '0')} ? __sym_end`);
    writeFileSync(symbol, `${[`# symbols: ${rows.length}`, ...head, ...rows].join('\n')}\n`);

    const first = names.find((n) => n.endsWith('.dat')) as string;
    const pid = Number.parseInt(first, 10);
    rmSync(join(dir, first));
    const tids = new Map(trace.threads.filter((t) => t.recorded > 0).map((t) => [t, pid + t.index]));
    const tasks = [...tids.values()];
    const info = readFileSync(join(dir, 'info'), 'latin1')
      .replace(/^taskinfo:nr_tid=.*$/m, `taskinfo:nr_tid=${tasks.length}`)
      .replace(/^taskinfo:tids=.*$/m, `taskinfo:tids=${tasks.join(',')}`);
    writeFileSync(join(dir, 'info'), info, 'latin1');
    const session = (readFileSync(join(dir, 'task.txt'), 'utf8').split('\n')[0] as string).replace(
      /timestamp=[0-9.]+/,
      'timestamp=999.0',
    );
    const born = tasks.map((tid) => `TASK timestamp=999.500000000 tid=${tid} pid=${pid}`);
    writeFileSync(join(dir, 'task.txt'), `${[session, ...born].join('\n')}\n`);
    let events = 0;
    const addresses = trace.sites.map((_, i) => base + offset(i));
    for (const [thread, tid] of tids) events += writeThread(trace, thread, join(dir, `${tid}.dat`), addresses);
    return events;
  } finally {
    trace.close();
  }
}
