// SPDX-License-Identifier: MIT
// Point 8: whatever is killed, whenever: nothing is left, and the trace up to then opens.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openTrace } from '../../tracer/decode/index.js';
import { cli, toolCommand } from '../fixtures/cli.js';
import { look, waitUntil } from '../fixtures/e2e.js';

const TIMES = Number(process.env['DDE_KILLS'] ?? 20);
/** Longer than boot, probe and some traffic. */
const SPAN_MS = 2500;

function children(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => {
      try {
        const [, after = ''] = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ');
        return Number(after.split(' ')[1]) === pid;
      } catch {
        return false;
      }
    });
}

type Victim = 'driver' | 'qemu' | 'tool' | 'ctrl-c';

function kill(child: ChildProcess, victim: Victim): boolean {
  const tool = child.pid as number;
  const [driver] = children(tool);
  const [qemu] = driver === undefined ? [] : children(driver);
  const pid = { driver, qemu, tool, 'ctrl-c': tool }[victim];
  if (pid === undefined) return false;
  try {
    process.kill(pid, victim === 'ctrl-c' ? 'SIGINT' : 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

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

for (const victim of ['driver', 'qemu', 'tool', 'ctrl-c'] as const) {
  t.test(`${victim}, ${TIMES} times`, async (t) => {
    const { dir: build } = (await cli(['build', 'e1000e', '--json'])).json<{ dir: string }>();
    const before = look();
    const dir = t.testdir({});
    const faults: string[] = [];
    let hit = 0;
    for (let i = 0; i < TIMES; i++) {
      const file = join(dir, `${i}.ddet`);
      const after = Math.round(400 + (SPAN_MS * i) / TIMES + Math.random() * (SPAN_MS / TIMES));
      const args = ['record', build, '--irq', 'intx', '-o', file, '--', 'ping', '--count', '100000'];
      const child = spawn(toolCommand[0], [...toolCommand.slice(1), ...args], {
        stdio: 'ignore',
        env: process.env,
      });
      const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
      await new Promise((resolve) => setTimeout(resolve, after));
      if (kill(child, victim)) hit++;
      else child.kill('SIGKILL');
      const code = await Promise.race([
        ended,
        new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), 15_000)),
      ]);
      if (code === 'late') {
        faults.push(`after ${after} ms: the tool goes on`);
        child.kill('SIGKILL');
      }
      const gone = await waitUntil(() => look().processes.length <= before.processes.length, 3000);
      if (!gone) faults.push(`after ${after} ms: ${look().processes.join('; ')}`);
      try {
        opens(file);
      } catch (error) {
        // A file that was killed before its head was written holds nothing.
        if (victim !== 'tool' || readFileSync(file).length > 0) faults.push(`after ${after} ms: ${error}`);
      }
      rmSync(file, { force: true });
    }
    t.strictSame(faults, []);
    t.ok(hit >= TIMES / 2, `${hit} of ${TIMES} were there to be killed`);
    const { temporary, shared } = look();
    t.strictSame(
      temporary.filter((name) => !before.temporary.includes(name)),
      [],
      'no temporary file is left',
    );
    t.strictSame(
      shared.filter((name) => !before.shared.includes(name)),
      [],
      'no shared memory is left',
    );
  });
}
