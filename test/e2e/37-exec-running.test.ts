// SPDX-License-Identifier: MIT
// Programs that are brought to a driver which runs already: several at a time, listed, mapped, recorded; the end of either side.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { projectRoot } from '../../profiler/setup/root.js';
import { cli, toolCommand } from '../fixtures/cli.js';
import { ends, type Mark, marked, ownProcesses, waitUntil } from '../fixtures/e2e.js';

t.setTimeout(900_000);

const edu = join(projectRoot, 'samples/edu');
const dir = t.testdir();
const compile = (source: string, name: string): string => {
  const file = join(dir, name);
  execFileSync('gcc', ['-O1', '-g', '-pthread', '-fno-inline', '-o', file, source]);
  return file;
};
const test = compile(join(edu, 'test.c'), 'test');
const speaks = compile(join(projectRoot, 'test/fixtures/programs/speaks.c'), 'speaks');

const [command, ...tool] = toolCommand;
const start = (args: readonly string[], mark: Mark) =>
  execa(command, [...tool, ...args], { reject: false, env: { ...mark.env } });

/** What a process that `start` has started says on one of its streams, so far. */
function heard(stream: Readable | null | undefined): () => string {
  let text = '';
  stream?.on('data', (data) => {
    text += String(data);
  });
  return () => text;
}

/** A program that has the node open when this resolves. */
async function holding(pid: string, mark: Mark) {
  const child = start(['exec', pid, '--', speaks, '/dev/edu0'], mark);
  const said = heard(child.stdout);
  if (!(await waitUntil(() => said().includes('open'), 30_000)))
    throw new Error(`it does not open the node: ${said()}`);
  return { child, said };
}

interface Running {
  readonly pid: string;
  readonly driver: ReturnType<typeof start>;
  readonly mark: Mark;
}

async function running(t: Test, ...args: string[]): Promise<Running> {
  const mark = marked(`exec-running-${process.pid}-${Math.random()}`);
  const driver = start(['run', ...args, '--', 'idle'], mark);
  t.teardown(() => driver.kill('SIGKILL'));
  let found: string | undefined;
  const there = (): boolean => {
    found = ownProcesses(mark).find((one) => /^\d+ \S*\/builds\/[^/]+\/driver /.test(one));
    return found !== undefined;
  };
  t.ok(await waitUntil(there, 600_000), 'the driver process');
  return { pid: String(found?.split(' ')[0]), driver, mark };
}

for (const kernel of ['6.1', '6.12']) {
  t.test(`Linux ${kernel}: programs come and go`, async (t) => {
    const { pid, driver, mark } = await running(t, edu, '--kernel', kernel);
    const file = join(dir, `${kernel}.ddet`);
    const recorder = start(['attach', pid, '-o', file, '--functions', '*'], mark);
    const told = heard(recorder.stderr);
    t.ok(await waitUntil(() => told().includes('Press Ctrl-C'), 60_000), told());

    const checks = await cli(['exec', pid, '--', test]);
    ends(t, checks);
    t.match(checks.stdout, /^1\.\.\d+$/m);
    t.notMatch(checks.stdout, /^not ok/m);

    const { child: holder, said } = await holding(pid, mark);
    const [one, two] = await Promise.all([
      cli(['exec', pid, '--', 'cat', '/sys/class/misc/edu0/device/vendor']),
      cli(['exec', pid, '--', 'sh', '-c', 'head -c 4 /dev/edu0 | wc -c; exit 7']),
    ]);
    ends(t, one);
    t.equal(one.stdout, '0x1234', 'two others beside it');
    ends(t, two, 7);
    t.equal(two.stdout, '4');
    holder.stdin?.end('go on\n');
    t.equal((await holder).exitCode, 0);
    t.match(said(), /a line\nseek carried out/);

    ends(t, await cli(['exec', pid, '--', 'sh', '-c', 'kill -9 $$']), 128 + 9);

    recorder.kill('SIGINT');
    await recorder;
    const flame = await cli(['export', file, '--format', 'collapsed', '-o', '-']);
    ends(t, flame);
    t.match(flame.stdout, /^test\/\d+;main;ioctls;ioctl;edu_ioctl/m, 'what they do is recorded');
    driver.kill('SIGINT');
    await driver;
    t.strictSame(ownProcesses(mark), []);
  });
}

t.test('what the driver offers; whose the paths are', async (t) => {
  const { pid, driver } = await running(t, 'e1000e');
  const listed = await cli(['exec', pid, '--list']);
  ends(t, listed);
  t.match(listed.stdout, /^Network interfaces:\n {2}eth0 .*\/sys\/devices\/pci0000:00\/0000:00:04\.0\/net\/eth0$/m);
  t.match(listed.stdout, /^PCI devices:\n {2}\/sys\/bus\/pci\/devices\/0000:00:04\.0 /m);
  const json = await cli(['exec', pid, '--list', '--json']);
  const { offers } = json.json<{ offers: readonly { readonly kind: string; readonly path: string }[] }>();
  t.strictSame(
    offers.map(({ kind, path }) => `${kind} ${path}`),
    ['char /dev/ptp0', 'net eth0', 'sys /sys/bus/pci/devices/0000:00:04.0'],
  );

  const ours = await cli(['exec', pid, '--', 'ls', '/sys/class/net']);
  t.equal(ours.stdout, 'eth0\nlo');
  const theirs = await cli([
    'exec',
    pid,
    '--map-path',
    '/sys/class/net=host',
    '--',
    'cat',
    '/sys/class/net/lo/ifindex',
  ]);
  ends(t, theirs);
  t.equal(theirs.stdout, '1');
  const nodes = await cli([
    'exec',
    pid,
    '--map-path',
    '/dev=driver',
    '--map-path',
    '/dev/null=host',
    '--',
    'ls',
    '/dev',
  ]);
  ends(t, nodes);
  t.notMatch(nodes.stdout, /^(shm|pts|stdout)$/m, 'the folder of the driver');
  const ping = await cli(['exec', pid, '--', 'ping', '-q', '-c', '2', '-i', '0.2', '10.0.2.2']);
  ends(t, ping);
  t.match(ping.stdout, /2 received, 0% packet loss/);

  for (const [args, says] of [
    [['exec', pid], /which program\?/],
    [['exec', pid, '--list', '--', 'ls'], /--list runs no program/],
    [['exec', pid, '--', './no-such'], /no such file/],
    [['exec', pid, '--map-path', 'dev=driver', '--', 'ls'], /expected an absolute path and whose it is/],
    [['exec', '1', '--', 'ls'], /process 1 is not one of your driver processes/],
    [['exec', pid, 'ls', '--', 'ls'], /the program stands after --/],
  ] as const) {
    const end = await cli([...args]);
    t.not(end.code, 0);
    t.match(end.stderr, says);
  }
  driver.kill('SIGINT');
  await driver;
});

t.test('the driver ends under a program', async (t) => {
  const { pid, driver, mark } = await running(t, edu);
  const { child: holder, said } = await holding(pid, mark);
  driver.kill('SIGINT');
  t.equal((await driver).exitCode, 130);
  t.equal((await holder).exitCode, 3, 'it was asked to end');
  t.match(said(), /interrupted\nseek carried out/, 'and the driver was there for its last words');
  t.strictSame(ownProcesses(mark), []);

  const other = await running(t, edu);
  const { child: victim, said: last } = await holding(other.pid, other.mark);
  process.kill(Number(other.pid), 'SIGKILL');
  await other.driver;
  victim.stdin?.end('go on\n');
  await victim;
  // Its calls have nobody to carry them out: as in a kernel without them.
  t.notMatch(last(), /seek carried out/);
  t.strictSame(ownProcesses(other.mark), []);
});

t.test('kill -9 of the tool ends the program', async (t) => {
  const { pid, driver, mark } = await running(t, edu);
  const { child: tool_ } = await holding(pid, mark);
  tool_.kill('SIGKILL');
  await tool_;
  t.ok(await waitUntil(() => !ownProcesses(mark).some((one) => one.includes('speaks')), 5000));
  ends(t, await cli(['exec', pid, '--', 'head', '-c', '4', '/dev/edu0']));
  driver.kill('SIGINT');
  await driver;
});
