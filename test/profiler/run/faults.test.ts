// SPDX-License-Identifier: MIT
// Errors in callbacks reach whoever waits for the session; the driver process is ended.
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { parseDevice } from '../../../profiler/run/device-plan.js';
import { findRunning } from '../../../profiler/run/running.js';
import { runSession, type SessionRequest } from '../../../profiler/run/session.js';
import { projectRoot } from '../../../profiler/setup/root.js';

const executable = join(projectRoot, 'test/fixtures/fake-driver.mjs');

const request = (more: Partial<SessionRequest>): SessionRequest => ({
  executable,
  devices: [parseDevice('e1000e')],
  net: { kind: 'none' },
  drives: [],
  qemuArgs: [],
  workloads: ['idle'],
  ...more,
});

t.test('in onEvent, in onConsole', async (t) => {
  const fail = (): never => {
    throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
  };
  await t.rejects(runSession(request({ onEvent: fail })), { code: 'ENOSPC' });
  await t.rejects(runSession(request({ onConsole: fail })), { code: 'ENOSPC' });
});

t.test('drives that no device takes', async (t) => {
  const drives = ['/dev/null', '/dev/null'];
  await t.rejects(runSession(request({ drives })), { message: '2 --drive options, but no device needs a drive' });
  await t.rejects(runSession(request({ drives, devices: [parseDevice('nvme')] })), {
    message: '2 --drive options, but only 1 device needs a drive',
  });
});

t.test('an error that nobody waits for: told, with its exit code', async (t) => {
  const main = join(projectRoot, 'dist/profiler/cli/main.js');
  const late = `setTimeout(() => { throw Object.assign(new Error('no room'), { code: 'ENOSPC' }); }, 1)`;
  for (const [code, text, exit] of [
    [late, /dde-profile: no room\nFree some space/, 10],
    [`Promise.reject(new Error('oops'))`, /dde-profile: internal error: oops\n.*please report/, 70],
  ] as const) {
    const hook = `data:text/javascript,${encodeURIComponent(`process.argv.push('open', '${executable}', '--no-browser'); setTimeout(() => ${code}, 300)`)}`;
    const end = await execa('env', ['-u', 'NODE_OPTIONS', process.execPath, `--import=${hook}`, main], {
      reject: false,
      timeout: 20_000,
      env: { NO_COLOR: '1' },
    });
    t.equal(end.exitCode, exit, end.stderr);
    t.match(end.stderr, text);
  }
});

t.test('which driver process is meant', async (t) => {
  const one = { pid: 4711, dir: '/b/1', gone: false };
  t.strictSame(
    findRunning(undefined, () => [one]),
    one,
  );
  t.throws(() => findRunning(undefined, () => []), { message: 'no driver process is running' });
  t.throws(() => findRunning(undefined, () => [one, { ...one, pid: 4712 }]), { message: /name one \(4711, 4712\)/ });
  t.throws(() => findRunning(undefined, () => [{ ...one, gone: true }]), { message: /build \/b\/1 has been removed/ });
  t.throws(() => findRunning(process.pid), { message: /is not one of your driver processes/ });
});
