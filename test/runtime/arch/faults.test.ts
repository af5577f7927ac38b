// SPDX-License-Identifier: MIT
// What a user sees when a driver goes wrong: the report, the stack down to the driver's line, and the exit code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../../profiler/setup/root.js';
import { cli } from '../../fixtures/cli.js';
import { look } from '../../fixtures/e2e.js';

const driver = join(projectRoot, 'test/fixtures/drivers/faulty');
const source = readFileSync(`${driver}/faulty.c`, 'utf8').split('\n');

/** The line (from 1) that holds the text, so that an edit of the fixture does not break the test. */
function lineOf(text: string): number {
  const at = source.findIndex((line) => line.includes(text));
  if (at < 0) throw new Error(`faulty.c has no '${text}'`);
  return at + 1;
}

const run = (fault: string, ...more: string[]) =>
  cli(
    [
      'run',
      driver,
      '--device',
      'edu,dma_mask=0xffffffff',
      '--param',
      `faulty.fault=${fault}`,
      ...more,
      '--',
      'idle',
      '--duration',
      '1',
    ],
    { timeoutMs: 300_000 },
  );

t.test('a clean run', async (t) => {
  const end = await run('none');
  t.equal(end.code, 0, end.stderr);
  t.match(end.stdout, /faulty bound to .*, MSI, 1 vector/);
  t.notMatch(end.stderr, /leak|WARNING|stack of/);
});

for (const [fault, message, stack] of [
  ['null', /Segmentation fault.*address \(nil\)/, `write_through at faulty.c:${lineOf('*p = 1;')}`],
  ['divide', /Floating point exception/, `divide at faulty.c:${lineOf('return a / *b')}`],
  ['bug', /BUG: failure at/, `misbehave at faulty.c:${lineOf('BUG();')}`],
  ['panic', /Kernel panic - not syncing: faulty: panicked on purpose/, `misbehave at faulty.c:${lineOf('panic("')}`],
] as const) {
  t.test(`${fault} ends the process with a report`, async (t) => {
    const end = await run(fault);
    t.equal(end.code, 7);
    t.match(end.stderr, message);
    t.ok(end.stderr.includes(stack), `the stack names ${stack}`) || t.comment(end.stderr.slice(-2000));
    t.match(end.stderr, /faulty_probe at faulty\.c:\d+/);
    t.match(end.stderr, /__pci_register_driver at pci-driver\.c:\d+/);
    const left = look().processes.filter((process) => process.includes('edu,'));
    t.strictSame(left, [], 'no process is left');
  });
}

for (const [fault, what, ...more] of [
  ['null', 'Segmentation fault: write to address (nil)', '  a NULL pointer', 'thread: workload (pid 1)'],
  ['null-timer', 'Segmentation fault: write to address (nil)', /^thread: swapper \(pid 0\), in a softirq/],
  [
    'null-locked',
    'Segmentation fault: write to address (nil)',
    'thread: workload (pid 1), interrupts off, preemption off (depth 1)',
  ],
  [
    'overflow',
    // Who stumbles over what it has overwritten may read or write.
    /^dde: crash: Segmentation fault: (write to|read of) address 0x/,
    /^ {2}stack overflow: \d+ bytes are in use, the stack has 65536/,
    /^\.\.\. \d+ more frames \.\.\.$/,
    /^ ?misbehave at faulty\.c:\d+/,
  ],
  ['freed-list', 'Segmentation fault: write to address 0x108', /what list_del\(\) leaves in an entry/],
  ['panic', 'Kernel panic: faulty: panicked on purpose', 'thread: workload (pid 1)'],
  ['bug', /BUG: failure at .*faulty\.c:\d+\/misbehave\(\)$/],
  ['spin', "watchdog: thread 'workload' has held the virtual CPU for 2 s without yielding", /interrupts off/],
] as const) {
  t.test(`${fault}: the crash on one page`, async (t) => {
    const end = await run(fault, '--watchdog', '2s', '--json');
    const lines = end.stderr.split('\n');
    for (const wanted of [typeof what === 'string' ? `dde: crash: ${what}` : what, ...more]) {
      const found = lines.some((line) => (typeof wanted === 'string' ? line === wanted : wanted.test(line)));
      t.ok(found, `the page says ${wanted}`) || t.comment(end.stderr.slice(-4000));
    }
    const mapped = lineOf('f->dma = dma_map_single');
    t.match(
      end.stderr,
      new RegExp(`DMA: 1 live mapping, 100 bytes; the newest:\\n.*mapped by faulty_probe at faulty.c:${mapped}`),
    );
    t.match(end.stderr, /^in gdb: dde-profile run .* --on-crash gdb /m);
    const { crash } = end.json<{ crash: { stack: { function: string; file?: string; inlined: boolean }[] } }>();
    t.ok(
      crash.stack.some(
        (frame) => /^(misbehave|fault_in_timer)$/.test(frame.function) && frame.file === `${driver}/faulty.c`,
      ),
    );
    t.ok(
      crash.stack.some((frame) => frame.inlined),
      'with what is inlined',
    );
    t.match(crash, { thread: /./, dma: { count: 1, newest: [{ direction: 'TO_DEVICE', size: 100 }] } });
    if (!['panic', 'bug'].includes(fault)) t.match(crash, { registers: { rip: /^0x[0-9a-f]+$/, eflags: /^0x/ } });
  });
}

t.test('WARN gives a stack and the driver goes on', async (t) => {
  const end = await run('warn');
  t.equal(end.code, 0);
  t.match(end.stderr, /faulty: warned on purpose/);
  t.ok(end.stderr.includes(`misbehave at faulty.c:${lineOf('WARN(1')}`));
});

t.test('the watchdog names the thread that does not yield, and its line', async (t) => {
  const end = await run('spin', '--watchdog', '2s');
  t.equal(end.code, 8);
  t.match(end.stderr, /watchdog: thread '.+' has held the virtual CPU for 2 s without yielding/);
  t.match(end.stderr, /misbehave at faulty\.c:\d+/);
});

for (const [stage, caller] of [
  ['probe', 'faulty_probe'],
  ['remove', 'faulty_remove'],
] as const) {
  t.test(`a ${stage} that never returns ends with the stack of its thread`, async (t) => {
    const end = await run(`${stage}-hang`, '--watchdog', '1s');
    t.equal(end.code, 8);
    t.match(end.stderr, new RegExp(`the driver's ${stage} has not returned after 3 s; its thread '.+' waits here`));
    t.ok(end.stderr.includes(`wait_for_ever at faulty.c:${lineOf('wait_for_completion(&never)')}`)) ||
      t.comment(end.stderr.slice(-2000));
    t.match(end.stderr, new RegExp(`${caller} at faulty\\.c:\\d+`));
  });
}

for (const [fault, message] of [
  [
    'dma-leak',
    `leak: streaming DMA 0x[0-9a-f]+\\+100 mapped by faulty_probe at faulty.c:${lineOf('f->dma = dma_map_single')}`,
  ],
  [
    'coherent-leak',
    `leak: coherent DMA 0x[0-9a-f]+\\+8192 mapped by faulty_probe at faulty.c:${lineOf('dma_alloc_coherent')}`,
  ],
  ['irq-leak', `leak: interrupt \\d+ \\('faulty'\\) is still requested`],
] as const) {
  t.test(`${fault} is reported at removal`, async (t) => {
    const end = await run(fault);
    t.equal(end.code, 11);
    t.match(end.stderr, new RegExp(message));
  });
}

t.test('an unmap of what is not mapped names its call site', async (t) => {
  const end = await run('double-unmap');
  t.match(end.stderr, /unmap of 0x[0-9a-f]+\+100 that is not mapped, by faulty_remove at faulty\.c:\d+/);
});
