// SPDX-License-Identifier: MIT
// gdb's commands for the driver and for the kernel, by their output: on a live process and on a core file of it, for each kernel.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { cli, main } from '../fixtures/cli.js';
import { ends, waitUntil } from '../fixtures/e2e.js';
import type { Ps } from '../fixtures/traffic.js';

t.setTimeout(1_800_000);

/** A workload of its own, so that the process is found among others. */
const COUNT = 900_000 + (process.pid % 90_000);

interface Running {
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

async function start(t: Test, kernel: string): Promise<Running> {
  const args = ['run', 'e1000e', '--kernel', kernel, '--irq', 'intx', '--', 'ping', '--count', String(COUNT)];
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  t.teardown(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  t.ok(await waitUntil(() => stderr.includes('link up') || child.exitCode !== null, 1_200_000), stderr);
  const { drivers } = (await cli(['ps', '--json'])).json<Ps>();
  const pid = drivers.find(({ workload }) => workload === `ping --count ${COUNT}`)?.pid ?? 0;
  t.ok(pid > 0, 'it runs');
  return {
    pid,
    stop: async () => {
      child.kill('SIGINT');
      await gone;
    },
  };
}

const COMMANDS = [
  'dde-devices',
  'dde-irqs',
  'dde-softirq',
  'dde-napi',
  'dde-dma',
  'dde-rings',
  'dde-timers',
  'dde-work',
  'dde-locks',
  'dde-skb',
  'dde-finding',
  'dde-trace',
  'dde-threads',
  'lx-ps',
  'lx-dmesg',
  'lx-version',
  'lx-cmdline',
  'lx-list-check pci_root_buses',
  'lx-device-list-bus pci',
  'lx-iomem',
];

/** What each command must say, live as in a core file. */
const SAY: Readonly<Record<string, RegExp>> = {
  'dde-devices': /^0000:00:04\.0 +8086:10d3 +e1000e +INTx +\d+ +yes +0:mem@0x[0-9a-f]+\+128K.* eth0\(up\)$/m,
  'dde-irqs': /^ *\d+ +\d+ +level +dde-intx +eth0 +e1000_intr +- /m,
  'dde-softirq': /^ +3 +NET_RX +(yes|no) +net_rx_action /m,
  'dde-napi': /^eth0 +0x[0-9a-f]+ +e1000e_poll +64 +\S.*$/m,
  'dde-dma':
    /streaming +0x[0-9a-f]+ +1522 +FROM_DEVICE +e1000_alloc_rx_buffers +drivers\/net\/ethernet\/intel\/e1000e\/netdev\.c:\d+$/m,
  'dde-rings': /^eth0 +rx_ring +e1000_ring +0x[0-9a-f]+ +.*count=256/m,
  'dde-timers': /^ *[\d.-]+ +timer +dev_watchdog /m,
  'dde-work': /^delayed +e1000e_systim_overflow_work /m,
  'dde-locks': /^virtual CPU: /m,
  'dde-skb': /^eth0 tx-0 +\d+ +\d+ +\d+ +open/m,
  'dde-trace': /^no events: nobody has recorded this thread/m,
  'dde-finding': /^nothing wrong is seen at this moment$/m,
  // The workload waits for the answer, or for the moment of the next request, or is at work.
  'dde-threads':
    /^ *\d+ +1 +workload +(\S+ +(dde_sleep_ms +runtime\/arch\/dde\/workload\/main|__skb_wait_for_more_packets +net\/core\/datagram)\.c:\d+$|running )/m,
  'lx-ps': /^0x[0-9a-f]+ +1 +workload$/m,
  'lx-dmesg': /^\[ *[\d.]+\] e1000e 0000:00:04\.0 eth0: NIC Link is Up/m,
  'lx-version': /^Linux version 6\./m,
  'lx-cmdline': /e1000e\.IntMode=0/,
  'lx-list-check pci_root_buses': /^list is consistent: \d+ node/m,
  'lx-device-list-bus pci': /^dev 0000:00:04\.0:\t0x[0-9a-f]+$/m,
  'lx-iomem': /^[0-9a-f]+-[0-9a-f]+ : e1000e$/m,
};

/** Each command's output, cut at lines that are printed between them. */
function outputs(text: string): Record<string, string> {
  const parts = text.split(/^@@ (.*)$/m);
  return Object.fromEntries(COMMANDS.map((command) => [command, parts[parts.indexOf(command) + 1] ?? '']));
}

const marked = COMMANDS.flatMap((command) => ['--ex', `echo @@ ${command}\\n`, '--ex', command]);

for (const kernel of ['6.1', '6.12']) {
  t.test(`Linux ${kernel}: commands on a live process and on its core file`, async (t) => {
    if ((await execa('gdb', ['--version'], { reject: false })).exitCode !== 0) return t.plan(0, 'no gdb');
    const { pid, stop } = await start(t, kernel);
    const live = await cli(['gdb', String(pid), '--batch', ...marked, '--ex', 'dde-bar -y STATUS']);
    ends(t, live);
    for (const [command, said] of Object.entries(outputs(live.stdout))) t.match(said, SAY[command], `live: ${command}`);
    t.match(live.stdout, /E1000_STATUS +0x[0-9a-f]+$/m, 'a register by name');

    const parked = await cli([
      'gdb',
      String(pid),
      '--batch',
      '--ex',
      'python gdb.execute("thread " + str(next(t.num for t in gdb.selected_inferior().threads() if t.name == "kthreadd")))',
      '--ex',
      'bt',
    ]);
    ends(t, parked);
    const stack = parked.stdout
      .split('\n')
      .filter((line) => /^#\d+ /.test(line))
      .slice(1);
    t.match(stack[0], /^#\d+ +(0x[0-9a-f]+ in )?schedule \(/, 'a parked thread begins in schedule()');
    t.match(stack.join('\n'), / in kthreadd \(/);
    t.notMatch(stack.join('\n'), /syscall|ddekit|futex|start_thread|clone3|__ddethunk/, 'and shows no host frames');

    const refused = await cli(['gdb', String(pid), '--batch', '--ex', 'dde-bar ICR']);
    t.match(
      refused.stderr + refused.stdout,
      /may be cleared by reading/,
      'a register with side effects is not read unasked',
    );

    const core = join(t.testdir({}), 'core');
    await execa('gcore', ['-o', core, String(pid)]);
    await stop();
    const dead = await cli(['gdb', '--core', `${core}.${pid}`, '--batch', ...marked]);
    ends(t, dead);
    for (const [command, said] of Object.entries(outputs(dead.stdout))) t.match(said, SAY[command], `core: ${command}`);
    if ((await execa('drgn', ['--version'], { reject: false })).exitCode === 0) {
      const drgn = await cli(['drgn', '--core', `${core}.${pid}`, '--json', '-e', 'napi()', '-e', 'rings()']);
      ends(t, drgn);
      t.match(JSON.parse(drgn.stdout), [
        { name: 'napi', rows: [{ device: 'eth0', poll: 'e1000e_poll', wrong: false }] },
        { name: 'rings', rows: [{ device: 'eth0' }] },
      ]);
    }
    rmSync(`${core}.${pid}`);
  });
}

t.test('the world stops as a whole: five seconds in gdb are none for the driver', async (t) => {
  const { pid, stop } = await start(t, '6.1');
  const held = async (...more: string[]): Promise<string> =>
    (
      await cli([
        'gdb',
        String(pid),
        '--batch',
        '--ex',
        'python import time; time.sleep(5)',
        '--ex',
        'print ddekit_stopped_ns',
        ...more,
      ])
    ).stdout;
  const stoppedOf = (text: string): number => Number(/^\$1 = (\d+)$/m.exec(text)?.[1] ?? -1);
  const before = stoppedOf(await held());
  const after = stoppedOf(await held());
  t.ok(after - before >= 5e9, `${(after - before) / 1e9} s were taken off the driver's clock`);
  const log = (await cli(['gdb', String(pid), '--batch', '--ex', 'lx-dmesg'])).stdout;
  t.match(log, /NIC Link is Up/);
  t.notMatch(log, /NETDEV WATCHDOG|blocked for more than|Link is Down/, 'nothing timed out');
  t.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /TracerPid:\t0/, 'and it runs on');
  await stop();
});

t.test("the paper's first story: the sleeping NAPI context with work left", async (t) => {
  const end = await cli([
    'gdb',
    'e1000e',
    '--irq',
    'intx',
    '--cmdline',
    'dde.case=lost-softirq',
    '--break-on',
    'napi',
    '--batch',
    '--ex',
    'dde-napi',
    '--ex',
    'dde-finding',
    '--ex',
    'kill',
    '--',
    'tcp',
    '--direction',
    'in',
    '--duration',
    '3',
  ]);
  t.match(end.stdout, /^eth0 +0x[0-9a-f]+ +e1000e_poll .*SCHED.* SLEEPING WITH WORK LEFT/m, end.stderr.slice(-500));
  t.match(end.stdout, /^napi +eth0, e1000e_poll: SLEEPING WITH WORK LEFT/m);
});
