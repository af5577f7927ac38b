// SPDX-License-Identifier: MIT
// The kernel's reports, as they stand on the console, become findings at the driver's line.
import t from 'tap';
import { findingsOfKernelLog } from '../../../profiler/findings/index.js';

const driverFiles = ['drivers/net/demo/main.c', 'drivers/net/demo/ring.c'];
const find = (text: string) => findingsOfKernelLog(text.trim().split('\n'), { driverFiles });

const STACK = `
dde: stack of 'kworker/0:1' (innermost first):
dump_stack_lvl at dump_stack.c:107
check_unmap at debug.c:1013
 (inlined by) debug_dma_unmap_page at debug.c:1300
demo_clean at ring.c:88
demo_poll at main.c:301
net_rx_action at dev.c:6600`;

t.test('a checker inside of a WARN is one finding, in its own words', async (t) => {
  const [one, ...more] = find(`
[    3.100000] ------------[ cut here ]------------
[    3.100100] DMA-API: demo 0000:00:04.0: device driver frees DMA memory with different size [device address=0x61000000] [map size=1522 bytes] [unmap size=64 bytes]
[    3.100200] WARNING: CPU: 0 PID: 12 at kernel/dma/debug.c:1013 check_unmap+0x120/0x900
${STACK.trim()}
[    3.100900] ---[ end trace 0000000000000000 ]---`);
  t.strictSame(more, []);
  t.match(one, { kind: 'dma-debug', severity: 'error', count: 1, title: /frees DMA memory with different size/ });
  t.match(one?.evidence[0], { source: 'drivers/net/demo/ring.c:88', thread: 'kworker/0:1', at: 3.1001e9 });
  t.match(one?.evidence[0]?.stack.at(-1), 'dump_stack_lvl (dump_stack.c:107)', 'outermost first');
});

t.test('the order of words does not matter', async (t) => {
  const [one] = find(`
[    3.1] ------------[ cut here ]------------
[    3.1] WARNING: CPU: 0 PID: 12 at lib/debugobjects.c:502 debug_print_object+0x1
[    3.1] ODEBUG: free active (active state 0) object type: timer_list hint: demo_tick+0x0
[    3.1] ---[ end trace 0 ]---`);
  t.match(one, { kind: 'object-debug', title: /free active/, evidence: [{ source: 'lib/debugobjects.c:502' }] });
});

t.test('a WARN has its own words', async (t) => {
  const [one, ...more] = find(`
[    3.1] ------------[ cut here ]------------
[    3.1] WARNING: CPU: 0 PID: 12 at drivers/net/demo/main.c:90 demo_probe+0x1
[    3.1] ring 3 is not empty
[    3.1] CPU: 0 PID: 12 Comm: swapper Not tainted
${STACK.trim()}
[    3.1] ---[ end trace 0 ]---`);
  t.strictSame(more, []);
  t.equal(one?.title, 'the kernel issued a WARN at drivers/net/demo/main.c:90: ring 3 is not empty');
});

t.test('a BUG and the panic that it ends in are one report, with the stack of the panic', async (t) => {
  const all = find(`
[    3.1] BUG: failure at drivers/net/demo/ring.c:88/demo_clean()!
[    3.1] Kernel panic - not syncing: BUG!
${STACK.trim()}`);
  t.equal(all.length, 1);
  t.match(all[0], { kind: 'kernel-bug', title: /demo_clean/, evidence: [{ source: 'drivers/net/demo/ring.c:88' }] });
});

const KINDS: readonly [string, string][] = [
  ['lockdep', '[ 1.0] WARNING: possible circular locking dependency detected'],
  ['lockdep', '[ 1.0] WARNING: possible recursive locking detected'],
  ['lockdep', '[ 1.0] WARNING: inconsistent lock state'],
  ['lockdep', '[ 1.0] INFO: trying to register non-static key.'],
  ['lockdep', '[ 1.0] WARNING: suspicious RCU usage'],
  ['atomic-sleep', '[ 1.0] BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580'],
  ['atomic-sleep', '[ 1.0] BUG: scheduling while atomic: kworker/0:1/12/0x00000002'],
  ['kasan', '[ 1.0] BUG: KASAN: slab-out-of-bounds in demo_poll+0x10/0x20'],
  ['kcsan', '[ 1.0] BUG: KCSAN: data-race in demo_poll / demo_irq'],
  ['slub', '[ 1.0] BUG kmalloc-64 (Not tainted): Right Redzone overwritten'],
  ['kmemleak', '[ 1.0] unreferenced object 0xffff888 (size 64):'],
  ['list-corruption', '[ 1.0] list_del corruption. prev->next should be 0000, but was 1111'],
  ['ubsan', '[ 1.0] UBSAN: array-index-out-of-bounds in drivers/net/demo/main.c:12:5'],
  ['tx-timeout', '[ 1.0] NETDEV WATCHDOG: eth0 (demo): transmit queue 0 timed out'],
  ['hung-task', '[ 1.0] INFO: task modprobe:12 blocked for more than 120 seconds.'],
  ['irq-nobody-cared', '[ 1.0] irq 20: nobody cared (try booting with the "irqpoll" option)'],
  ['kernel-bug', '[ 1.0] kernel BUG at drivers/net/demo/main.c:77!'],
  ['crash', "dde: the driver process got Segmentation fault (fault) at address (nil), in thread 'x'"],
  ['hung', "dde: watchdog: thread 'x' has held the virtual CPU for 10 s without yielding; its stack:"],
  ['panic', '[ 1.0] Kernel panic - not syncing: Fatal exception'],
  ['kernel-warning', '[ 1.0] WARNING: CPU: 0 PID: 1 at drivers/net/demo/main.c:90 demo_probe+0x1'],
];

t.test('each kind by its first line', async (t) => {
  for (const [kind, line] of KINDS) t.match(find(line), [{ kind, count: 1 }], line);
});

t.test('what is no report is none', async (t) => {
  const text = `
[    1.0] demo 0000:00:04.0: enabling device (0000 -> 0002)
[    1.0] Warning: unable to open an initial console.
[    1.0] DMA: preallocated 128 KiB pool
demo_poll at main.c:301
dde: stack of 'swapper' (innermost first):`;
  t.strictSame(find(text), []);
  t.strictSame(find(''), []);
});

t.test('the same again is counted', async (t) => {
  const line = (n: number): string =>
    `[ ${n}.0] BUG: sleeping function called from invalid context at mm/slab.h:${n}\n${STACK.trim()}`;
  const found = find([line(1), line(2), line(3), line(4), line(5)].join('\n'));
  t.match(found, [{ kind: 'atomic-sleep', count: 5 }]);
  t.equal(found[0]?.evidence.length, 3);
  t.equal(found[0]?.evidence[0]?.source, 'drivers/net/demo/ring.c:88');
});
