// SPDX-License-Identifier: MIT
// Whole sessions with an executable that only speaks the contract.
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { parseDevice } from '../../../profiler/run/device-plan.js';
import { runSession, type SessionRequest } from '../../../profiler/run/session.js';
import { projectRoot } from '../../../profiler/setup/root.js';

const executable = join(projectRoot, 'test/fixtures/fake-driver.mjs');

function request(more: Partial<SessionRequest> = {}): SessionRequest {
  return {
    executable,
    devices: [parseDevice('e1000e')],
    net: { kind: 'user' },
    drives: [],
    qemuArgs: [],
    workloads: ['ping --count 100'],
    ...more,
  };
}

t.test('one workload', async (t) => {
  const console_: string[] = [];
  const end = await runSession(request({ onConsole: (line) => console_.push(line) }));
  t.match(end, { exitCode: 0, signal: undefined, interrupted: false });
  t.strictSame(
    end.events.map((event) => event.type),
    ['device', 'link', 'result', 'irqs', 'counters', 'exit'],
  );
  t.match(console_[0], /--workload","ping --count 100"/);
  t.match(console_[0], /"--posted","on"/);
});

t.test('a device of this machine: the driver process is told which, and nothing of QEMU', async (t) => {
  const lines: string[] = [];
  const device = { ...parseDevice('e1000e'), model: 'vfio:0000:00:04.0', real: true } as const;
  const end = await runSession(request({ devices: [device], onConsole: (line) => lines.push(line) }));
  t.equal(end.exitCode, 0);
  t.match(lines[0], /"--device","vfio:0000:00:04\.0"/);
  t.notMatch(lines[0], /netdev|"--"/);
});

t.test('several workloads run on one bound driver', async (t) => {
  const end = await runSession(request({ workloads: ['ping', 'tcp --duration 1', 'failing'] }));
  t.strictSame(
    end.results.map((result) => result.workload),
    ['ping', 'tcp', 'failing'],
  );
  t.equal(end.exitCode, 1, 'one that failed makes the run fail');
});

t.test('ends of all kinds', async (t) => {
  process.env['FAKE_DRIVER'] = 'crash';
  t.match(await runSession(request()), { exitCode: 7, signal: 'SIGSEGV' });
  process.env['FAKE_DRIVER'] = 'exit=8';
  t.match(await runSession(request()), { exitCode: 8 });
  delete process.env['FAKE_DRIVER'];
  const abort = new AbortController();
  const running = runSession(
    request({
      workloads: ['idle --duration 0'],
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type === 'link') abort.abort();
      },
    }),
  );
  t.match(await running, { exitCode: 130, interrupted: true });
  await t.rejects(runSession(request({ executable: '/nowhere/driver' })), { code: 'ERR_DDE_PROCESS' });
});

t.test('a disk that nobody gave is made, and nothing of it is left', async (t) => {
  const before = new Set(readdirSync(tmpdir()));
  const lines: string[] = [];
  const end = await runSession(request({ devices: [parseDevice('nvme')], onConsole: (line) => lines.push(line) }));
  t.equal(end.exitCode, 0);
  const path = /file=(\/proc\/\d+\/fd\/\d+)/.exec(lines[0] ?? '')?.[1] as string;
  t.ok(path, 'QEMU gets it by descriptor');
  t.equal(existsSync(path), false);
  t.strictSame(
    readdirSync(tmpdir()).filter((name) => !before.has(name) && name.startsWith('dde-profile-')),
    [],
  );
  await t.rejects(runSession(request({ devices: [parseDevice('nvme')], drives: ['/nowhere'] })), {
    code: 'ERR_DDE_DRIVE',
  });
  await t.rejects(runSession(request({ drives: ['/dev/null'] })), { code: 'ERR_DDE_DRIVE' });
});
