// SPDX-License-Identifier: MIT
// The pure parts: kernel command line, the executable's arguments, gdb's and valgrind's.
import t from 'tap';
import { driverArgs } from '../../../profiler/run/driver-args.js';
import { parseEvent } from '../../../profiler/run/driver-events.js';
import { gdbAttachArgs, gdbRunArgs } from '../../../profiler/debug/gdb.js';
import { kernelCmdline } from '../../../profiler/run/kernel-cmdline.js';
import { parseErrorSummary, valgrindArgs } from '../../../profiler/debug/valgrind.js';

t.test('interrupt modes and parameters', async (t) => {
  t.equal(kernelCmdline({ driver: 'e1000e', irq: 'intx', params: [] }), 'e1000e.IntMode=0');
  t.equal(kernelCmdline({ driver: 'nvme', irq: 'intx', params: [] }), 'pci=nomsi');
  t.equal(kernelCmdline({ driver: 'nvme', irq: 'msi', params: [] }), 'dde.irq=msi');
  t.equal(kernelCmdline({ driver: 'nvme', irq: 'msix', params: [] }), '');
  t.equal(
    kernelCmdline({ driver: 'e1000e', params: ['e1000e.InterruptThrottleRate=0', 'debug=16'], cmdline: 'threadirqs' }),
    'e1000e.InterruptThrottleRate=0 e1000e.debug=16 threadirqs',
  );
  t.equal(kernelCmdline({ driver: 'a-b', params: ['x=1 2'] }), '"a_b.x=1 2"');
  t.throws(() => kernelCmdline({ driver: 'e1000e', params: ['=3'] }), { code: 'ERR_DDE_OPTION' });
});

t.test('the executable', async (t) => {
  t.strictSame(driverArgs({ qemuArgs: [] }), []);
  t.strictSame(
    driverArgs({ workload: 'ping --count 3', posted: false, traceFd: 5, memoryMiB: 256, qemuArgs: ['-device', 'x'] }),
    ['--memory', '256', '--workload', 'ping --count 3', '--posted', 'off', '--trace-fd', '5', '--', '-device', 'x'],
  );
});

t.test('gdb', async (t) => {
  const request = { executable: '/b/driver', sourceRoot: '/src', batch: true, commands: ['break f', 'run', 'bt'] };
  const args = gdbRunArgs(request, ['--workload', 'ping']);
  t.strictSame(args.slice(-4), ['--args', '/b/driver', '--workload', 'ping']);
  t.ok(args.some((arg) => /^handle SIGALRM SIGUSR1.* nostop noprint pass$/.test(arg)));
  t.ok(args.includes('directory /src'));
  const attach = gdbAttachArgs(request, 42);
  t.ok(attach.indexOf('attach 42') < attach.indexOf('break f'));
  t.equal(attach.at(-1), 'detach', 'a batch lets the driver run on');
  for (const some of [
    gdbRunArgs({ ...request, unwinder: '/u.py' }, []),
    gdbAttachArgs({ ...request, unwinder: '/u.py' }, 42),
  ]) {
    const at = some.indexOf('/u.py');
    t.equal(some[at - 1], '-x');
    t.ok(some.indexOf('file /b/driver') < at && at < some.indexOf('break f'), 'loaded between program and commands');
  }
  const moved = gdbRunArgs({ ...request, buildRoot: '/old' }, []);
  t.ok(moved.includes('set substitute-path /old /src'));
});

t.test('valgrind', async (t) => {
  const args = valgrindArgs({ tool: 'callgrind', output: '/o', options: ['--cache-sim=yes'] }, '/b/driver', ['-x']);
  t.equal(args[0], '--tool=callgrind');
  t.ok(args.includes('--callgrind-out-file=/o'));
  t.notOk(args.includes('--smc-check=all'));
  t.ok(valgrindArgs({ tool: 'memcheck', traced: true, options: [] }, '/b/driver', []).includes('--smc-check=all'));
  t.strictSame(args.slice(-3), ['--cache-sim=yes', '/b/driver', '-x']);
  t.strictSame(parseErrorSummary('==1== ERROR SUMMARY: 1,003 errors from 2 contexts (suppressed: 0)'), {
    errors: 1003,
    contexts: 2,
  });
  t.equal(parseErrorSummary(''), undefined);
});

t.test('events', async (t) => {
  t.match(parseEvent('{"type":"link","netdev":"eth0","up":true,"atMs":8}'), { type: 'link', up: true });
  t.match(parseEvent('{"type":"exit","code":0,"more":1}'), { code: 0, more: 1 });
  for (const bad of ['', '{', '{"type":"nothing"}', '{"type":"exit","code":"0"}', '3'])
    t.equal(parseEvent(bad), undefined);
});
