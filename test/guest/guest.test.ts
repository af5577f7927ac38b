// SPDX-License-Identifier: MIT
// The harness itself, with the command that people use.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { repoRoot } from '../../runtime/build/common/paths.js';
import { guestCache } from './cache.js';

const MAIN = join(repoRoot(), 'dist/test/guest/main.js');

const guest = (...args: string[]) => execa(process.execPath, [MAIN, ...args], { reject: false });

/** QEMUs that a process started. */
function qemusOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

async function until(condition: () => boolean, seconds: number): Promise<boolean> {
  for (let i = 0; i < seconds * 10 && !condition(); i++) await new Promise((done) => setTimeout(done, 100));
  return condition();
}

await t.test('a command, its output, exit code, artefacts and files', { timeout: 400_000 }, async (t) => {
  const dir = t.testdir({ input: 'from the host\n' });
  const { exitCode, stdout, stderr } = await guest(
    ...['--kernel', '6.1-rt', '--artefacts', join(dir, 'out'), '--file', `${join(dir, 'input')}:/tmp/input`],
    ...['--program', 'setpriv', '--', 'uname -r; cat /tmp/input | tee /artefacts/copy; setpriv --version; exit 37'],
  );
  t.equal(exitCode, 37);
  t.match(stdout, /^6\.1\.\d+-\d+-rt-amd64\nfrom the host\nsetpriv from util-linux/);
  t.equal(readFileSync(join(dir, 'out/copy'), 'utf8'), 'from the host\n');
  t.match(stderr, /exit code 37 after/);
});

await t.test('a fault in the log', { timeout: 400_000 }, async (t) => {
  const { exitCode, stderr } = await guest('--', 'echo "BUG: made by a test" > /dev/kmsg');
  t.equal(exitCode, 126);
  t.match(stderr, /kernel log: .*BUG: made by a test/);
});

await t.test('a crash of the kernel', { timeout: 400_000 }, async (t) => {
  const { exitCode, stderr } = await guest('--', 'echo c > /proc/sysrq-trigger');
  t.equal(exitCode, 125);
  t.match(stderr, /the guest's kernel crashed:[\s\S]*sysrq triggered crash/);
});

await t.test('a time-out', { timeout: 400_000 }, async (t) => {
  const { exitCode, stderr } = await guest('--timeout', '2', '--', 'sleep 1000');
  t.equal(exitCode, 124);
  t.match(stderr, /the guest was stopped after 2 s/);
});

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  await t.test(`${signal} leaves nothing behind`, { timeout: 400_000 }, async (t) => {
    const child = guest('--', 'sleep 1000');
    const pid = child.pid ?? 0;
    t.ok(await until(() => qemusOf(pid).length > 0, 120), 'QEMU runs');
    const [qemu] = qemusOf(pid);
    child.kill(signal);
    const { exitCode, signal: ended } = await child;
    if (signal === 'SIGINT') t.equal(exitCode, 130);
    else t.equal(ended, 'SIGKILL');
    t.ok(await until(() => !existsSync(`/proc/${qemu}`), 20), 'QEMU is gone');
    if (signal === 'SIGINT') t.strictSame(runFolders(pid), [], 'and its folder');
  });
}

function runFolders(pid: number): string[] {
  return readdirSync(join(guestCache(), 'run')).filter((name) => name.startsWith(`${pid}-`));
}

await t.test('the next run removes what a killed one left', { timeout: 400_000 }, async (t) => {
  // No process has this number: it is above the kernel's largest.
  const left = join(guestCache(), 'run/99999999-0');
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, 'console'), '');
  await guest('--timeout', '1', '--', 'true');
  t.notOk(existsSync(left));
});

await t.test('bad input', { timeout: 400_000 }, async (t) => {
  const missing = await guest('--file', '/no/such/file', '--', 'true');
  t.equal(missing.exitCode, 2);
  t.match(missing.stderr, /\/no\/such\/file: no such file/);
  const module = await guest('--module', 'no_such_module', '--', 'true');
  t.equal(module.exitCode, 2);
  t.match(module.stderr, /kernel 6\.1 has no module no_such_module/);
  const program = await guest('--program', 'no-such-program', '--', 'true');
  t.equal(program.exitCode, 2);
  t.match(program.stderr, /program no-such-program not found/);
  const kernel = await guest('--kernel', '5.10', '--', 'true');
  t.equal(kernel.exitCode, 2);
  t.match(kernel.stderr, /Allowed choices are 6\.1, 6\.1-rt, 6\.12, 6\.12-rt/);
  t.equal((await guest('--memory', 'much', '--', 'true')).exitCode, 2);
  t.equal((await guest()).exitCode, 2);
});
