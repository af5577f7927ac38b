// SPDX-License-Identifier: MIT
// Two recorders that reach for one process at the same moment: one gets it, the other is told.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { projectRoot } from '../../../profiler/setup/root.js';
import { createTraceRegion, openRegion } from '../../../tracer/recorder/addon.js';

const ROUNDS = 100;
const addon = join(projectRoot, 'dist/tracer/recorder/addon.js');

/** Takes lines `TIME FILE`: at that time (ms) tries to record the region behind descriptor 3. `stop` ends what it has. */
const CHILD = `
import { openRegion } from ${JSON.stringify(addon)};
import { createInterface } from 'node:readline';
const region = openRegion(3);
let drain;
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'stop') {
    await drain?.stop();
    drain = undefined;
    console.log('stopped');
    continue;
  }
  const [time, file] = line.split(' ');
  while (performance.timeOrigin + performance.now() < Number(time));
  try {
    drain = region.startDrain({ file, metadata: {}, attach: true });
    console.log('recording');
  } catch (error) {
    console.log(error.code);
  }
}`;

class Recorder {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(fd: number) {
    this.child = spawn(process.execPath, ['--input-type=module', '-e', CHILD], {
      stdio: ['pipe', 'pipe', 'inherit', fd],
    });
    this.#lines = createInterface({ input: this.child.stdout as NonNullable<ChildProcess['stdout']> })[
      Symbol.asyncIterator
    ]();
  }

  tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  async hear(): Promise<string> {
    return String((await this.#lines.next()).value);
  }
}

t.test('one of two recorders gets the region', async (t) => {
  const dir = t.testdir();
  const fd = createTraceRegion({ ringBytes: 1 << 20 });
  const region = openRegion(fd);
  const recorders = [new Recorder(fd), new Recorder(fd)] as const;
  closeSync(fd);
  t.strictSame(await Promise.all(recorders.map((one) => one.hear())), ['ready', 'ready']);
  const wins = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const time = performance.timeOrigin + performance.now() + 3;
    recorders.forEach((one, n) => void one.tell(`${time} ${join(dir, `${n}.ddet`)}`));
    const heard = await Promise.all(recorders.map((one) => one.hear()));
    if (heard.toSorted().join(' ') !== 'ERR_DDE_BUSY recording') t.fail(`round ${round}: ${heard}`);
    const winner = heard.indexOf('recording');
    wins[winner] = (wins[winner] ?? 0) + 1;
    t.equal(region.info().drainerPid, recorders[winner === 0 ? 0 : 1].child.pid);
    for (const one of recorders) one.tell('stop');
    await Promise.all(recorders.map((one) => one.hear()));
    t.equal(region.info().drainerPid, 0);
  }
  t.comment(`wins: ${wins}`);
  t.ok(
    wins.every((n) => n > 0),
    'they do come at the same moment',
  );

  // A recorder that was killed holds the region no longer.
  recorders[0].tell(`0 ${join(dir, '0.ddet')}`);
  t.equal(await recorders[0].hear(), 'recording');
  recorders[0].child.kill('SIGKILL');
  await new Promise((resolve) => recorders[0].child.once('close', resolve));
  recorders[1].tell(`0 ${join(dir, '1.ddet')}`);
  t.equal(await recorders[1].hear(), 'recording');
  recorders[1].child.kill('SIGKILL');
  region.close();
});
