// SPDX-License-Identifier: MIT
// System calls of the user's program: its functions and the calls stand above what is done for them, and a table tells their errors.
import t from 'tap';
import { findExporter, memorySink } from '../../../profiler/export/index.js';
import { renderReport } from '../../../profiler/report/index.js';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { systemCallStats } from '../../../profiler/topics/system-calls/stats.js';
import { SyntheticTrace } from '../fixtures/synthetic-trace.js';

const IOCTL = 65_536 + 16;

function words(...numbers: number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(numbers).buffer);
}

/** One call of 1,000 ns, of which 400 are the driver's. */
function call(s: SyntheticTrace, stack: number[], error: number): void {
  if (stack.length > 0) s.event('program_stack', { pid: 7, frames: words(...stack) });
  s.event('syscall_entry', { call: IOCTL, arg0: 3, arg1: 0x8004_6501, arg2: 0x7fff_0000_1000 });
  s.now += 600;
  s.enter(s.site('edu_ioctl', 'driver'));
  s.now += 400;
  s.leave();
  s.event('syscall_exit', { call: IOCTL, error, result: 0 });
  s.now += 50;
}

function recorded(named: boolean): SyntheticTrace {
  const s = new SyntheticTrace();
  s.use(s.thread('test/7', 'kthread'));
  if (named) {
    for (const [frame, text] of [
      [1, 'main'],
      [2, 'work'],
      [IOCTL, 'ioctl'],
    ] as const)
      s.event('program_frame', { frame, text });
  }
  call(s, [1, 2], 0);
  call(s, [1, 2], 14);
  call(s, [1], 14);
  call(s, [], 25);
  return s;
}

async function collapsed(s: SyntheticTrace): Promise<string[]> {
  const sink = memorySink();
  await findExporter('collapsed').write(profileFromTrace(s.trace()), sink, {});
  return String(sink.files[0]).trim().split('\n');
}

t.test('frames', async (t) => {
  const lines = await collapsed(recorded(true));
  const stacks = lines.map((line) => line.replace(/ \d+$/, ''));
  t.ok(stacks.includes('test/7;main;work;ioctl;edu_ioctl'), lines.join('\n'));
  t.ok(stacks.includes('test/7;main;ioctl;edu_ioctl'));
  t.ok(stacks.includes('test/7;ioctl;edu_ioctl'), 'without a stack');
  t.notOk(
    stacks.some((one) => /edu_ioctl;/.test(one)),
    'each call is closed',
  );
});

t.test('names that were not recorded', async (t) => {
  const lines = await collapsed(recorded(false));
  t.ok(
    lines.some((line) => line.startsWith('test/7;function 1;function 2;call 16;edu_ioctl ')),
    lines.join('\n'),
  );
});

t.test('the table', async (t) => {
  const profile = profileFromTrace(recorded(true).trace());
  const [ioctl, ...rest] = profile.topics.get(systemCallStats);
  t.same(rest, []);
  t.match(ioctl, {
    name: 'ioctl',
    calls: 4,
    errors: new Map([
      [14, 2],
      [25, 1],
    ]),
  });
  t.ok((ioctl?.total ?? 0) >= 4000 && (ioctl?.total ?? 0) < 4200, String(ioctl?.total));
  t.match(renderReport(profile, { by: 'syscalls' }), /ioctl +4 .* EFAULT 2, ENOTTY 1/);
});

t.test('an exit without its entry', async (t) => {
  const s = new SyntheticTrace();
  s.use(s.thread('test/7', 'kthread'));
  s.event('syscall_exit', { call: IOCTL, error: 0, result: 0 });
  call(s, [], 0);
  t.match(profileFromTrace(s.trace()).topics.get(systemCallStats), [{ name: 'call 16', calls: 1 }]);
});
