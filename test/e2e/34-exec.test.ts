// SPDX-License-Identifier: MIT
// Programs of the user on a driver: our own on samples/edu, Debian's on e1000e and nvme, one that is hostile; what is recorded of them, and
// that nothing of them is left.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import t from 'tap';
import { projectRoot } from '../../profiler/setup/root.js';
import { cli, main } from '../fixtures/cli.js';
import { ends, marked, ownProcesses, run, waitUntil } from '../fixtures/e2e.js';

t.setTimeout(1_800_000);

const edu = join(projectRoot, 'samples/edu');
const script = join(projectRoot, 'test/fixtures/programs/edu.py');
const hostile = join(projectRoot, 'test/fixtures/programs/hostile.c');
const dir = t.testdir();
const compile = (source: string, name: string): string => {
  const file = join(dir, name);
  execFileSync('gcc', ['-O1', '-g', '-Wall', '-fno-inline', '-pthread', '-o', file, source]);
  return file;
};
const test = compile(join(edu, 'test.c'), 'test');
const exec = (driver: readonly string[], ...words: string[]) => run(['run', ...driver, '--', 'exec', ...words]);
const ofExec = (end: Awaited<ReturnType<typeof run>>) => end.result.results.find((one) => one.workload === 'exec');

for (const kernel of ['6.1', '6.12']) {
  t.test(`Linux ${kernel}: the test program of samples/edu`, async (t) => {
    const end = await exec([edu, '--kernel', kernel], test);
    ends(t, end);
    // With --json the program's stdout is the tool's stderr.
    const lines = end.stderr.split('\n');
    t.strictSame(
      lines.filter((line) => line.startsWith('not ok')),
      [],
    );
    const plan = Number(/^1\.\.(\d+)$/m.exec(end.stderr)?.[1]);
    t.ok(plan >= 100, `${plan} checks`);
    t.equal(lines.filter((line) => line.startsWith('ok ')).length, plan);
    t.match(ofExec(end), { ok: true, exitCode: 0, signal: 0, cameBack: true });
  });

  t.test(`Linux ${kernel}: Debian's programs on e1000e`, async (t) => {
    const script =
      'ethtool -i eth0; ip -brief addr show eth0; ping -q -c 5 -i 0.2 10.0.2.2; cat /proc/interrupts; ls /sys/class/net';
    const end = await exec(['e1000e', '--kernel', kernel], 'sh', '-c', script);
    ends(t, end);
    t.match(end.stderr, /^driver: e1000e$/m);
    t.match(end.stderr, /^bus-info: 0000:00:04\.0$/m);
    t.match(end.stderr, /^eth0 +UP +10\.0\.2\.15\/24/m);
    t.match(end.stderr, /5 packets transmitted, 5 received, 0% packet loss/);
    t.notMatch(end.stderr, /time of day goes back/, "the driver's clock is the host's");
    t.match(end.stderr, /dde-msi.* eth0-rx-0$|eth0-rx-0$/m);
    t.match(end.stderr, /^eth0$/m);
  });

  t.test(`Linux ${kernel}: Debian's programs on nvme`, async (t) => {
    const image = join(dir, `disk-${kernel}`);
    const content = randomBytes(16 << 20);
    writeFileSync(image, content);
    const block = join(dir, 'block');
    writeFileSync(block, randomBytes(1 << 20));
    const script =
      `sha256sum < /dev/nvme0n1; dd if=/dev/nvme0n1 bs=128k iflag=direct status=none | sha256sum; ` +
      `dd if=${block} of=/dev/nvme0n1 bs=64k seek=16 oflag=direct conv=fsync status=none; nvme list; nvme smart-log /dev/nvme0`;
    const end = await exec(['nvme', '--kernel', kernel, '--drive', image], 'sh', '-c', script);
    ends(t, end);
    const sha = createHash('sha256').update(content).digest('hex');
    t.equal(end.stderr.split(sha).length - 1, 2, 'the content, by page cache and directly');
    t.match(end.stderr, /^\/dev\/nvme0n1 .*QEMU NVMe Ctrl/m);
    t.match(end.stderr, /^critical_warning\s*: 0$/m);
    t.ok(
      readFileSync(image)
        .subarray(1 << 20, 2 << 20)
        .equals(readFileSync(block)),
      'what dd wrote is on the disk',
    );
  });
}

t.test('system calls are the roots of a recording', async (t) => {
  const file = join(dir, 'edu.ddet');
  const end = await run(['record', edu, '--functions', '*', '-o', file, '--', 'exec', test]);
  ends(t, end);
  t.equal(end.result.trace?.lost, 0);
  const flame = await cli(['export', file, '--format', 'collapsed', '-o', '-']);
  ends(t, flame);
  t.match(flame.stdout, /^test\/\d+;main;ioctls;ioctl;edu_ioctl;mutex_lock_interruptible \d+$/m);
  t.match(flame.stdout, /^test\/\d+;main;reads_and_writes;pread64;edu_read/m);
  t.match(flame.stdout, /^test\/\d+;(.*;)?many;ioctl;edu_ioctl/m, 'of a thread');
  const table = await cli(['report', file, '--by', 'syscalls', '--json']);
  ends(t, table);
  const rows = JSON.parse(table.stdout).syscalls as { name: string; calls: number; errors: object }[];
  t.match(
    rows.find(({ name }) => name === 'ioctl'),
    { calls: Number, errors: { ENOTTY: Number, EFAULT: Number, EINTR: Number } },
  );
  const sql =
    'SELECT name, count(*) AS n, max(dur) > 0 AS took FROM system_call WHERE error = 14 GROUP BY name ORDER BY n';
  const asked = await cli(['query', file, sql, '--json']);
  ends(t, asked);
  t.ok((JSON.parse(asked.stdout) as { name: string; took: boolean }[]).some((row) => row.name === 'ioctl' && row.took));
});

t.test('a Python script', async (t) => {
  const end = await exec([edu], 'python3', script);
  ends(t, end);
  t.match(end.stderr, /^ident 0xed\nmapped by the snake\nepoll True\nfolder True True True\nrefused /m);
});

t.test('check --coverage: what of the driver the program has reached', async (t) => {
  const folder = join(dir, 'coverage');
  ends(t, await cli(['check', edu, '--coverage', folder, '--', 'exec', test]));
  const info = readFileSync(join(folder, 'run.info'), 'utf8');
  const sum = (key: string): number =>
    [...info.matchAll(new RegExp(`^${key}:(\\d+)$`, 'gm'))].reduce((all, [, n]) => all + Number(n), 0);
  t.ok(sum('LF') > 100 && sum('LH') / sum('LF') > 0.7, `${sum('LH')} of ${sum('LF')} lines`);
});

t.test('the exit code and the signal of the program', async (t) => {
  const code = await exec([edu], 'sh', '-c', 'exit 3');
  ends(t, code, 1);
  t.match(ofExec(code), { ok: false, exitCode: 3, signal: 0 });
  const signal = await exec([edu], 'sh', '-c', 'kill -9 $$');
  ends(t, signal, 1);
  t.match(ofExec(signal), { ok: false, signal: 9 });
  const none = await cli(['run', edu, '--', 'exec', './no-such-program']);
  ends(t, none, 2);
  t.match(none.stderr, /exec: \.\/no-such-program: no such file/);
});

t.test('a card without a link: the program does not begin', async (t) => {
  const path = join(dir, 'monitor');
  const end = run(['run', 'e1000e', '--qmp', path, '--', 'exec', 'echo', 'began']);
  t.ok(await waitUntil(() => existsSync(path), 300_000));
  const monitor = connect(path);
  const wishes = [{ execute: 'qmp_capabilities' }, { execute: 'set_link', arguments: { name: 'dut0', up: false } }];
  for (const wish of wishes) monitor.write(`${JSON.stringify(wish)}\n`);
  const ended = await end;
  monitor.destroy();
  ends(t, ended, 1);
  t.match(ofExec(ended), { ok: false, error: /no link/ });
  t.notMatch(ended.stderr, /began/);
});

t.test('a hostile program: the driver lives', async (t) => {
  const end = await exec([edu], compile(hostile, 'hostile'), '/dev/edu0', '10');
  ends(t, end);
  t.match(ofExec(end), { ok: true, cameBack: true });
  const calls = Number(/^(\d+) calls$/m.exec(end.stderr)?.[1]);
  t.ok(calls > 2000, `${calls} calls`);
  t.strictSame(end.result.leaks, []);
});

t.test('nothing is left of it', async (t) => {
  for (const how of ['SIGINT', 'SIGKILL'] as const) {
    const mark = marked(`exec-${how}`);
    const child = execa(
      process.execPath,
      [main, 'run', edu, '--', 'exec', 'sh', '-c', 'echo began; cat /dev/edu0 > /dev/null; sleep 60'],
      {
        env: { ...mark.env },
        reject: false,
      },
    );
    await new Promise<void>((resolve) =>
      child.stdout.on('data', (data) => String(data).includes('began') && resolve()),
    );
    child.kill(how);
    await child;
    await delay(1000);
    t.strictSame(ownProcesses(mark), [], how);
  }
});
