// SPDX-License-Identifier: MIT
// The trace holds every call from the driver to the kernel: checked against the machine code, and against Callgrind's counts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { readSites } from '../../profiler/builds/index.js';
import { EV, KIND, openTrace } from '../../tracer/decode/index.js';
import { cli } from '../fixtures/cli.js';
import { ends, run } from '../fixtures/e2e.js';

const THUNK = '__ddethunk_';
/**
 * What a driver calls without a thunk. Registers: macros of Linux, recorded as events of their own with value and caller (counted
 * below). Interrupt flags: a macro, too.
 */
const NO_CALLS = /^dde_(mmio_(read|write)(8|16|32|64)|irqs_deliver)$/;

async function build(): Promise<string> {
  const end = await cli(['build', 'e1000e', '--json']);
  return end.json<{ dir: string }>().dir;
}

t.test('every function that the driver takes from the kernel has a site', async (t) => {
  const dir = await build();
  const manifest = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8')) as { apiSymbols: string[] };
  const api = new Set(
    readSites(dir)
      .filter((site) => site.kind === 'api')
      .map((site) => site.name),
  );
  t.ok(manifest.apiSymbols.length > 100, `${manifest.apiSymbols.length} undefined functions`);
  t.strictSame(
    manifest.apiSymbols.filter((name) => !api.has(name)),
    [],
  );
});

t.test("no call in the driver's machine code goes round the thunks", async (t) => {
  const dir = await build();
  const driver = new Map(
    readSites(dir)
      .filter((site) => site.kind === 'driver')
      .map((site) => [site.addr, site.name]),
  );
  const { stdout } = await execa('objdump', ['-d', '--no-show-raw-insn', '-j', '.text', join(dir, 'driver')], {
    maxBuffer: 512 << 20,
  });
  const names = new Set(driver.values());
  let inside = '';
  const around: string[] = [];
  let through = 0;
  for (const line of stdout.split('\n')) {
    const head = /^([0-9a-f]+) <(.+)>:$/.exec(line);
    if (head !== null) {
      const whole = (head[2] as string).replace(/\.cold$/, '');
      inside = driver.get(Number.parseInt(head[1] as string, 16)) ?? (names.has(whole) ? whole : '');
      continue;
    }
    if (inside === '') continue;
    const call = /\s(?:call|jmp)\s+([0-9a-f]+) <([^+>]+)(\+0x[0-9a-f]+)?>/.exec(line);
    if (call === null) continue;
    const [, address = '', name = '', offset] = call;
    if (name.startsWith(THUNK)) through++;
    // Within a function, to its cold part and back.
    else if (
      offset === undefined &&
      name !== `${inside}.cold` &&
      !driver.has(Number.parseInt(address, 16)) &&
      !NO_CALLS.test(name)
    )
      around.push(`${inside} -> ${name}`);
  }
  t.ok(through > 400, `${through} calls through thunks`);
  t.strictSame([...new Set(around)], []);
});

/** Calls of each function, from a profile in Callgrind's format: `cfn=(id) name`, then `calls=N ...`. */
function callgrindCounts(text: string): Map<string, number> {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  let callee = '';
  for (const line of text.split('\n')) {
    const name = /^(c?fn)=\((\d+)\)(?: (.*))?$/.exec(line);
    if (name !== null) {
      const [, key, id = '', text] = name;
      if (text !== undefined) names.set(id, text);
      if (key === 'cfn') callee = names.get(id) ?? '';
      continue;
    }
    const calls = /^calls=(\d+)/.exec(line);
    if (calls === null) continue;
    // f'2 is f called by itself.
    const plain = callee.replace(/'\d+$/, '');
    counts.set(plain, (counts.get(plain) ?? 0) + Number(calls[1]));
  }
  return counts;
}

function tracedCounts(file: string): Map<string, number> {
  const trace = openTrace(file);
  const counts = new Map<string, number>();
  const add = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  try {
    trace.forEachBatch((b) => {
      for (let i = 0; i < b.count; i++) {
        const id = b.id[i] as number;
        const site = b.kind[i] === KIND.entry ? trace.sites[id] : undefined;
        if (site?.kind === 'api') add(`${THUNK}${site.name}`);
        if (b.kind[i] === KIND.event && id === EV.mmio_read) add(READS);
        if (b.kind[i] === KIND.event && id === EV.mmio_write) add(WRITES);
      }
    });
  } finally {
    trace.close();
  }
  return counts;
}

/** The card has registers of 32 bits. */
const READS = 'dde_mmio_read32';
const WRITES = 'dde_mmio_write32';

t.test('API calls and register accesses in the trace = those that Callgrind counts in the same run', async (t) => {
  if ((await execa('valgrind', ['--version'], { reject: false })).exitCode !== 0) return t.plan(0, 'no valgrind');
  for (const workload of [
    ['ping', '--count', '5'],
    ['rebind', '--count', '1'],
  ]) {
    const dir = t.testdir({});
    const [profile, file] = [join(dir, 'callgrind.out'), join(dir, 'x.ddet')];
    const end = await run(['valgrind', 'e1000e', '-o', profile, '--trace', file, '--', ...workload]);
    ends(t, end);
    const all = callgrindCounts(readFileSync(profile, 'utf8'));
    const callgrind = [...all].filter(([name]) => name.startsWith(THUNK) || name === READS || name === WRITES);
    const trace = tracedCounts(file);
    const api = [...trace].filter(([name]) => name.startsWith(THUNK));
    const sum = api.reduce((all, [, calls]) => all + calls, 0);
    t.comment(
      `${workload.join(' ')}: ${sum} calls of ${api.length} functions, ${trace.get(READS)} reads, ${trace.get(WRITES)} writes`,
    );
    t.ok(sum > 300);
    t.strictSame([...trace].sort(), callgrind.sort(), 'function by function');
  }
});
