// SPDX-License-Identifier: MIT
// What the report of a crash says of the raw facts of the process.
import t from 'tap';
import { crashPage, renderPage } from '../../../../profiler/debug/crash/page.js';
import type { CodeFrame } from '../../../../profiler/debug/crash/symbolise.js';
import type { CrashFacts } from '../../../../profiler/run/index.js';

const own: CodeFrame = { pc: '0x401000', function: 'demo_read', file: '/src/demo/main.c', line: 12, inlined: false };
const core: CodeFrame = { pc: '0x402000', function: 'kfree', file: '/src/mm/slub.c', line: 300, inlined: false };
const segv = { type: 'crash', reason: 'Segmentation fault', signal: 11, code: 1, thread: 'demo' } as const;

function page(
  crash: Partial<CrashFacts['crash']>,
  frames: readonly CodeFrame[] = [own],
  more: Partial<CrashFacts> = {},
) {
  const facts = { crash: { ...segv, ...crash }, ...more };
  return crashPage({ facts, frames, mappers: [], driverFiles: ['demo/main.c'] });
}

t.test('what happened', async (t) => {
  t.equal(page({ address: '0x1234', access: 'write' }).what, 'Segmentation fault: write to address 0x1234');
  t.match(page({ code: 0x80, address: '(nil)' }).what, /an address that no memory can have/);
  t.match(page({ reason: 'watchdog', seconds: 20 }).what, /'demo' has held the virtual CPU for 20 s/);
  t.match(page({ reason: 'hung', stage: 'probe' }).what, /the driver's probe has not returned/);
  t.equal(page({ reason: 'panic', text: 'out of luck' }).what, 'Kernel panic: out of luck');
});

t.test('what it may mean', async (t) => {
  t.strictSame(page({ address: '(nil)' }).notes, ['a NULL pointer']);
  t.match(page({ address: '0x18' }).notes, [/member at offset 24/]);
  t.match(page({ address: '0x108' }).notes, [/list_del\(\)/]);
  t.strictSame(page({ address: '0x12345678' }).notes, []);
  t.match(page({ address: '0x12345678' }, [core, own]).notes, [/in code of Linux/]);
  t.strictSame(
    page({ address: '0x12345678' }, [{ ...core, inlined: true }, own]).notes,
    [],
    'what is inlined into the driver is no code of Linux',
  );
  const freed = { registers: { rip: '0x401000', rbx: '0x6b6b6b6b6b6b6b6b' } };
  t.match(page({ ...freed, address: '0x12345678' }).notes, [/^rbx .*had been freed/]);
  const deep = { stack: { type: 'crashStack', used: 70000, size: 65536 } } as const;
  t.match(page({ address: '0x12345678' }, [own], deep).notes, [/^stack overflow: 70000 bytes/]);
  t.strictSame(page({ thread: 'swapper', address: '0x12345678' }, [own], deep).notes, [], 'boots on another stack');
  t.match(page({ reason: 'Aborted', signal: 6 }).notes, [/heap corruption/]);
});

t.test('the whole page', async (t) => {
  const facts: Partial<CrashFacts> = {
    context: { type: 'crashContext', context: 'softirq', interruptsOff: true, preemptDepth: 2, pid: 7, task: 'demo' },
    dma: {
      type: 'crashDma',
      count: 3,
      bytes: 4200,
      newest: [{ id: 9, dma: '0x60001000', size: 100, dir: 2, coherent: false, caller: '0x401234' }],
    },
  };
  const frames = [{ ...core, inlined: true }, own, { ...own, omitted: 5 }];
  const text = renderPage(page({ address: '0x5', registers: { rip: '0x401000' } }, frames, facts), 'dde-profile gdb 1');
  t.equal(
    text,
    `dde: crash: Segmentation fault: access to address 0x5
  a NULL pointer: the member at offset 5 of what it should point to
thread: demo (pid 7), in a softirq, interrupts off, preemption off (depth 2)
dde: stack of 'demo' (innermost first):
kfree at slub.c:300
 (inlined by) demo_read at main.c:12
... 5 more frames ...
demo_read at main.c:12
registers:
  rip    0000000000401000
DMA: 3 live mappings, 4200 bytes; the newest:
  9  0x60001000+100  FROM_DEVICE  mapped by 0x401234
in gdb: dde-profile gdb 1
`,
  );
});
