// SPDX-License-Identifier: MIT
// Point 8: whatever is killed, whenever: nothing is left, and the trace up to then opens.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { openTrace } from '../../tracer/decode/index.js';
import { cli, toolCommand } from '../fixtures/cli.js';
import { look, waitUntil } from '../fixtures/e2e.js';

const TIMES = Number(process.env['DDE_KILLS'] ?? 20);
/** Longer than boot, probe and some traffic. */
const SPAN_MS = 2500;

/** Of this run alone: other driver processes may run on the machine. */
interface Family {
  readonly tool: number;
  readonly driver?: number;
  readonly qemu?: number;
}

function childOf(parent: number | undefined, executable: RegExp): number | undefined {
  if (parent === undefined) return undefined;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
        return Number(after.split(' ')[1]) === parent && executable.test(readlinkSync(`/proc/${pid}/exe`));
      } catch {
        return false;
      }
    });
}

function familyOf(tool: number): Family {
  const driver = childOf(tool, /\/driver$/);
  const qemu = childOf(driver, /\/qemu-system/);
  return { tool, ...(driver === undefined ? {} : { driver }), ...(qemu === undefined ? {} : { qemu }) };
}

function alive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

type Victim = 'driver' | 'qemu' | 'tool' | 'ctrl-c';

function opens(file: string): boolean {
  if (!existsSync(file)) return true;
  const trace = openTrace(file);
  let events = 0;
  trace.forEachBatch((batch) => {
    events += batch.count;
  });
  trace.close();
  return events >= 0;
}

async function once(build: string, file: string, victim: Victim, share: number): Promise<string | undefined> {
  const args = ['record', build, '--irq', 'intx', '-o', file, '--', 'ping', '--count', '100000'];
  const [command, ...rest] = toolCommand;
  const child = spawn(command, [...rest, ...args], { stdio: 'ignore' });
  const tool = child.pid as number;
  const ended = new Promise<boolean>((resolve) => child.once('exit', () => resolve(true)));
  let family: Family = { tool };
  // The tool can be killed from its first moment on; the others have to be there.
  if (victim === 'driver' || victim === 'qemu') {
    await waitUntil(() => familyOf(tool)[victim] !== undefined, 60_000);
  }
  await sleep(share * SPAN_MS);
  family = familyOf(tool);
  const pid = victim === 'ctrl-c' ? tool : family[victim];
  if (pid === undefined) {
    child.kill('SIGKILL');
    return `${victim} was not there`;
  }
  process.kill(pid, victim === 'ctrl-c' ? 'SIGINT' : 'SIGKILL');
  if (!(await Promise.race([ended, sleep(60_000).then(() => false)]))) {
    child.kill('SIGKILL');
    return 'the tool goes on';
  }
  const { driver, qemu } = family;
  if (!(await waitUntil(() => !alive(driver) && !alive(qemu), 15_000))) {
    return `left: ${alive(driver) ? `driver ${driver} ` : ''}${alive(qemu) ? `qemu ${qemu}` : ''}`;
  }
  try {
    opens(file);
  } catch (error) {
    // A tool that was killed while it wrote the head of the file leaves nothing to read.
    if (victim !== 'tool' || readFileSync(file).length >= 32) return String(error);
  }
  rmSync(file, { force: true });
  return undefined;
}

for (const victim of ['driver', 'qemu', 'tool', 'ctrl-c'] as const) {
  t.test(`${victim}, ${TIMES} times`, async (t) => {
    const { dir: build } = (await cli(['build', 'e1000e', '--json'])).json<{ dir: string }>();
    const before = look();
    const dir = t.testdir({});
    const faults: string[] = [];
    // Two at a time: a run waits more than it works, and one that dies must not take along another.
    const some = async (first: number): Promise<void> => {
      for (let i = first; i < TIMES; i += 2) {
        const share = (i + Math.random()) / TIMES;
        const fault = await once(build, join(dir, `${i}.ddet`), victim, share);
        if (fault !== undefined) faults.push(`after ${Math.round(share * SPAN_MS)} ms: ${fault}`);
      }
    };
    await Promise.all([some(0), some(1)]);
    t.strictSame(faults, []);
    const { temporary } = look();
    t.strictSame(
      temporary.filter((name) => !before.temporary.includes(name)),
      [],
      'no temporary file is left',
    );
  });
}
