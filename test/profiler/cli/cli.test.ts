// SPDX-License-Identifier: MIT
// The command as a user meets it, with an executable that only speaks the contract.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cli, fakeBuild } from '../../fixtures/cli.js';

t.test('help and version', async (t) => {
  const help = await cli(['--help']);
  t.equal(help.code, 0);
  for (const verb of ['doctor', 'list', 'build', 'run', 'report', 'export', 'open', 'gdb', 'valgrind']) {
    t.match(help.stdout, new RegExp(`\n  ${verb} `), verb);
    const own = await cli([verb, '--help']);
    t.equal(own.code, 0);
  }
  t.match(help.stdout, /130 {2}interrupted/, 'the exit codes are shown');
  t.match((await cli(['--version'])).stdout, /^\d+\.\d+\.\d+$/);
});

t.test('run: result on stdout, progress on stderr', async (t) => {
  const build = fakeBuild(t.testdir({}));
  const text = await cli(['run', build, '--', 'ping', '--count', '100']);
  t.equal(text.code, 0);
  t.match(
    text.stdout,
    /e1000e bound to 0000:00:04.0, MSI-X, 3 vectors\nlink up: eth0 after 0.81 s\nping: ok, 100 of 100/,
  );
  t.match(text.stdout, / 24 eth0-rx-0 +12/);
  const json = await cli(['run', build, '--json', '--irq', 'intx', '--param', 'debug=1', '--', 'ping']);
  t.match(json.json(), { exitCode: 0, devices: [{ irqMode: 'msix' }], results: [{ workload: 'ping', ok: true }] });
  t.match(json.stderr, /"--cmdline","e1000e.IntMode=0 e1000e.debug=1"/);
  const several = await cli(['run', build, '--json', '--', 'ping', '+', 'tcp', '--duration', '1']);
  t.equal(several.json<{ results: unknown[] }>().results.length, 2);
});

t.test('exit codes', async (t) => {
  const build = fakeBuild(t.testdir({}));
  const faults: [string[], number, RegExp, Record<string, string>?][] = [
    [['runn'], 2, /unknown command 'runn'\n\(Did you mean run\?\)/],
    [['run'], 2, /missing required argument 'driver'/],
    [['run', build, '--irq', 'foo'], 2, /Allowed choices are msix, msi, intx/],
    [['run', build, '--device', 'e1000x'], 2, /no device model "e1000x"\nDid you mean e1000/],
    [['run', build, '--config', 'CONFIG_KASAN'], 2, /finished build: CONFIG_KASAN cannot be added.*\nName the driver/],
    [['check', build, '--with', 'lockdep'], 2, /finished build: CONFIG_PROVE_LOCKING/],
    [['run', build, '--kernel', '6.12'], 2, /finished build for Linux 6\.1, not 6\.12/],
    [['run', build, '--net', 'bridge'], 2, /--net "bridge"/],
    [['run', build, '--device', 'nvme', '--drive', '/nowhere'], 2, /\/nowhere: no such file/],
    [['run', build, '--qemu', '/nowhere'], 6, /\/nowhere: not found\n/],
    [['run', build, '--', 'failing'], 1, /workload failed/],
    [['run', build], 7, /crashed.*SIGSEGV/, { FAKE_DRIVER: 'crash' }],
    [['run', build], 8, /watchdog/, { FAKE_DRIVER: 'exit=8' }],
    [['report', '/nowhere.ddet'], 9, /no such file/],
    [['report', build, '--by', 'apii'], 2, /Did you mean api\?/],
    [['report', build, '--by', 'callers'], 2, /Name it: --function/],
    [['export', '/x', '--format', 'speedscop'], 2, /Did you mean speedscope\?/],
    [['gdb', '--pid', '1'], 5, /not one of your driver processes/],
  ];
  for (const [args, code, text, env = {}] of faults) {
    const end = await cli(args, { env });
    t.equal(end.code, code, `${args.join(' ').replace(build, 'BUILD')} -> ${code}`);
    t.match(end.stderr, text);
  }
  const json = await cli(['run', build, '--qemu', '/nowhere', '--json']);
  t.match(json.json(), { error: { exitCode: 6, message: '/nowhere: not found' } });
});

t.test('a QEMU that is too old', async (t) => {
  const dir = t.testdir({});
  mkdirSync(join(dir, 'build'));
  const build = fakeBuild(join(dir, 'build'));
  const qemu = join(dir, 'qemu');
  writeFileSync(qemu, '#!/bin/sh\necho "QEMU emulator version 4.2.1 (Debian)"\n', { mode: 0o755 });
  const end = await cli(['run', build, '--qemu', qemu]);
  t.equal(end.code, 6);
  t.match(end.stderr, /QEMU 4.2.1 is too old: at least 7.2 is needed/);
});

t.test('doctor', async (t) => {
  const end = await cli(['doctor', '--json', '--qemu', '/nowhere']);
  t.equal(end.code, 3);
  const { checks, fix } = end.json<{ checks: { name: string; state: string }[]; fix: string[] }>();
  t.match(
    checks.find((check) => check.name === 'qemu'),
    { state: 'missing' },
  );
  t.match(fix.join('\n'), /apt-get install .*qemu-system-x86/);
});
