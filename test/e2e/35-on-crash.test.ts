// SPDX-License-Identifier: MIT
// A driver that has crashed is looked at: in gdb while its process is kept, in a core file, in the recording of its last moments.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { projectRoot } from '../../profiler/setup/root.js';
import { cli, toolCommand } from '../fixtures/cli.js';

const driver = join(projectRoot, 'test/fixtures/drivers/faulty');
const words = (fault: string) => [
  driver,
  ...['--device', 'edu,dma_mask=0xffffffff', '--param', `faulty.fault=${fault}`],
];
const idle = ['--', 'idle', '--duration', '1'];
const line = (text: string) =>
  readFileSync(`${driver}/faulty.c`, 'utf8')
    .split('\n')
    .findIndex((one) => one.includes(text)) + 1;

t.test('--on-crash core writes a file that gdb opens', async (t) => {
  const cwd = t.testdir({});
  const end = await cli(['run', ...words('null'), '--on-crash', 'core', '--json', ...idle], { cwd });
  t.equal(end.code, 7, end.stderr);
  const [file] = readdirSync(cwd);
  t.match(file, /^faulty\.core\.\d+$/);
  const core = join(cwd, file as string);
  t.match(end.json(), { crash: { gdb: { core, command: `dde-profile gdb --core ${core}` } } });
  t.ok(statSync(core).blocks * 512 < 200 << 20, 'memory that was never used takes no space');
  const gdb = await cli(['gdb', '--core', core, '--batch', '--ex', 'bt 2', '--ex', 'dde-dma']);
  t.match(gdb.stdout, new RegExp(`write_through .* at .*faulty\\.c:${line('*p = 1;')}`));
  t.match(gdb.stdout, /streaming .* faulty_probe/);
  rmSync(core);
});

t.test('--on-crash gdb keeps the process for gdb', async (t) => {
  const args = ['run', ...words('null'), '--on-crash', 'gdb', ...idle];
  const child = spawn(toolCommand[0], [...toolCommand.slice(1), ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => void child.once('exit', resolve));
  let pid: string | undefined;
  for await (const text of createInterface({ input: child.stderr })) {
    pid = /the driver process (\d+) is kept for `dde-profile gdb \1`/.exec(text)?.[1];
    if (pid !== undefined) break;
  }
  t.ok(pid);
  const gdb = await cli([
    'gdb',
    pid as string,
    '--batch',
    '--ex',
    'bt 2',
    '--ex',
    'frame function misbehave',
    '--ex',
    'info locals',
  ]);
  t.match(gdb.stdout, /write_through \(p=0x0\) at .*faulty\.c/);
  t.match(gdb.stdout, /zero = 0/);
  t.doesNotThrow(() => process.kill(Number(pid), 0), 'gdb has left, the process is still kept');
  child.kill('SIGINT');
  t.equal(await ended, 130);
  t.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' });
});

t.test('a recording shows what went before', async (t) => {
  const file = join(t.testdir({}), 'crash.ddet');
  const end = await cli(['record', ...words('null'), '--functions', 'misbehave', '-o', file, '--json', ...idle]);
  t.equal(end.code, 7, end.stderr);
  const { crash } = end.json<{ crash: { events: string[]; registerAccesses: string[] } }>();
  t.equal(crash.events.length, 50);
  t.match(crash.events.at(-1), /dde:mark kind=oops/);
  t.ok(crash.events.some((event) => /workload-1 +-> misbehave /.test(event)));
  t.match(crash.registerAccesses.at(-1), /write mmio 0x64 <- 0x1 {2}by faulty_irq/);
  t.match(end.stderr, /last 50 events of 'workload':\n/);
});

t.test('in gdb the last events of the thread are there', async (t) => {
  const cwd = t.testdir({});
  const end = await cli(['record', ...words('null'), '-o', 'x.ddet', '--on-crash', 'core', ...idle], { cwd });
  t.equal(end.code, 7, end.stderr);
  const core = readdirSync(cwd).find((name) => name.startsWith('faulty.core.')) as string;
  const gdb = await cli(['gdb', '--core', join(cwd, core), '--batch', '--ex', 'dde-trace 3'], { cwd });
  t.match(gdb.stdout, /^ *-\d+ +<- strcmp +0x0$\n +0 +dde:mark +kind=oops text=Segmentation fault$/m);
});

t.test('check tells it, too', async (t) => {
  const end = await cli(['check', ...words('null'), '--with', 'none', '--json', ...idle]);
  t.equal(end.code, 12, end.stderr);
  t.match(end.json(), { findings: [{ kind: 'crash' }], crash: { thread: 'workload' } });
  t.match(end.stderr, /^dde: crash: Segmentation fault: write/m);
});
