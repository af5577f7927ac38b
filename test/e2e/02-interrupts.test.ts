// SPDX-License-Identifier: MIT
// Point 2: MSI-X, INTx and MSI, proved by the interrupt counters; and all of it without any privilege.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { cli, main, root, toolCommand } from '../fixtures/cli.js';
import { type RunJson, ends, run } from '../fixtures/e2e.js';

const PING = ['--', 'ping', '--count', '100'];

function checkPing(t: Test, result: RunJson): void {
  t.match(result.results, [{ workload: 'ping', ok: true, sent: 100, received: 100, lost: 0 }]);
  t.strictSame(result.leaks, []);
}

t.test('MSI-X', async (t) => {
  const end = await run(['run', 'e1000e', '--irq', 'msix', ...PING]);
  const { result } = end;
  ends(t, end);
  checkPing(t, result);
  t.match(result.devices, [{ driver: 'e1000e', irqMode: 'msix', vectors: 3 }]);
  const irqs = result.irqs?.irqs ?? [];
  const count = (name: RegExp): number => irqs.find((irq) => name.test(irq.name))?.count ?? 0;
  t.ok(count(/-rx-0$/) >= 100, 'rx vector');
  t.ok(count(/-tx-0$/) >= 1, 'tx vector');
  t.equal(irqs.length, 3, 'and one for all other causes');
});

t.test('INTx', async (t) => {
  const end = await run(['run', 'e1000e', '--irq', 'intx', ...PING]);
  const { result } = end;
  ends(t, end);
  checkPing(t, result);
  t.match(result.devices, [{ driver: 'e1000e', irqMode: 'intx' }]);
  const irqs = result.irqs?.irqs ?? [];
  t.equal(irqs.length, 1);
  t.ok((irqs[0]?.irq ?? 99) < 24, 'a line of the interrupt controller');
  t.ok((irqs[0]?.count ?? 0) >= 100);
});

t.test('MSI on ahci', async (t) => {
  const end = await run(['run', 'ahci', '--', 'block']);
  const { result } = end;
  ends(t, end);
  t.match(result.devices, [{ driver: 'ahci', irqMode: 'msi' }]);
  t.ok((result.irqs?.irqs[0]?.count ?? 0) > 10);
  t.match(result.results, [{ workload: 'block', ok: true }]);
});

t.test('INTx of a driver that only writes to its device', async (t) => {
  const end = await run(['run', 'nvme', '--irq', 'intx', '--', 'block']);
  ends(t, end);
  t.match(end.result.devices, [{ driver: 'nvme', irqMode: 'intx' }]);
  t.match(end.result.results, [{ workload: 'block', ok: true }]);
  // The posted write that lowers the line is waited for; without that the handler ran 300,000 times.
  t.ok((end.result.irqs?.irqs[0]?.count ?? 1e9) < 20_000, 'no interrupt storm');
});

t.test('a kind of interrupt that the driver turns down is said', async (t) => {
  const end = await run(['run', 'e1000e', '--irq', 'msi', '--', 'ping', '--count', '2']);
  ends(t, end);
  t.match(end.result.devices, [{ driver: 'e1000e', irqMode: 'intx' }]);
  t.match(end.stderr, /warning: --irq msi: e1000e uses INTx/);
});

t.test(
  'without any capability',
  { skip: process.getuid?.() !== 0 && 'only root can become somebody else' },
  async (t) => {
    // Nobody may read root's cache, so the build is copied to where it may.
    const built = (await cli(['build', 'e1000e', '--json'])).json<{ dir: string }>();
    const dir = mkdtempSync(join(tmpdir(), 'unprivileged-'));
    t.teardown(() => rmSync(dir, { recursive: true, force: true }));
    cpSync(built.dir, join(dir, 'build'), { recursive: true });
    await execa('chmod', ['-R', 'a+rX', dir]);
    // The tests' own temporary folder is closed to others.
    await execa('chmod', ['a+x', tmpdir()]);
    const nobody = [
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      '--inh-caps=-all',
      '--bounding-set=-all',
      '--no-new-privs',
    ];
    const reach = await execa('setpriv', [...nobody, 'test', '-r', main], { reject: false });
    // A checkout below /root: nobody may read it, so the tool is copied as well.
    let tool = [...toolCommand];
    if (reach.exitCode !== 0) {
      const parts = ['package.json', 'dist', 'node_modules', 'tracer', 'runtime', 'profiler', 'samples'];
      await execa('cp', ['-a', '--parents', ...parts, dir], { cwd: root });
      await execa('chmod', ['-R', 'a+rX', dir]);
      tool = tool.map((word) => (word === main ? join(dir, relative(root, main)) : word));
    }
    for (const irq of ['msix', 'intx']) {
      const args = ['run', join(dir, 'build'), '--irq', irq, '--json', ...PING];
      const env = { HOME: dir, NO_COLOR: '1' };
      const end = await execa('setpriv', [...nobody, ...tool, ...args], {
        reject: false,
        env,
        cwd: dir,
      });
      t.equal(end.exitCode, 0, end.stderr.slice(-1000));
      const result = JSON.parse(end.stdout) as RunJson;
      checkPing(t, result);
      t.equal(result.devices[0]?.irqMode, irq);
    }
  },
);
