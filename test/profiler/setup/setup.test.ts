// SPDX-License-Identifier: MIT
// What set-up relies on: the package list, QEMU's words, and the project's own manifest.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { debianPackages, parseDpkg } from '../../../profiler/setup/packages.js';
import { isNewEnough, parseDeviceHelp, parseQemuVersion } from '../../../profiler/setup/qemu.js';
import { projectRoot } from '../../../profiler/setup/root.js';

const text = (name: string): string => readFileSync(join(projectRoot, name), 'utf8');

t.test('Debian packages', async (t) => {
  const names = debianPackages().map(({ name }) => name);
  t.equal(new Set(names).size, names.length, 'none is listed twice');
  const found = parseDpkg('gcc installed 4:12.2.0-3\nmake config-files 4.3\n\nbc installed 1.07\n');
  t.strictSame(
    [...found],
    [
      ['gcc', '4:12.2.0-3'],
      ['bc', '1.07'],
    ],
  );
});

t.test('QEMU', async (t) => {
  t.match(parseQemuVersion('QEMU emulator version 7.2.22 (Debian 1:7.2)'), { text: '7.2.22', major: 7, minor: 2 });
  t.equal(parseQemuVersion('hello'), undefined);
  for (const [version, ok] of [
    ['7.1.9', false],
    ['7.2', true],
    ['8.0.0', true],
    ['10.1', true],
    ['6.2', false],
  ] as const) {
    const parsed = parseQemuVersion(`QEMU emulator version ${version}`);
    t.equal(parsed !== undefined && isNewEnough(parsed), ok, version);
  }
  const help =
    'Network devices:\nname "e1000", bus PCI, alias "e1000-82540em", desc "Intel"\nname "x", bus PCI\n\nMisc devices:\nname "edu", bus PCI\n';
  t.strictSame(parseDeviceHelp(help), [
    { name: 'e1000', bus: 'PCI', category: 'network', description: 'Intel' },
    { name: 'x', bus: 'PCI', category: 'network', description: '' },
    { name: 'edu', bus: 'PCI', category: 'misc', description: '' },
  ]);
});

t.test('package.json and its lock', async (t) => {
  const manifest = JSON.parse(text('package.json')) as { scripts: Record<string, string>; gypfile: boolean };
  for (const hook of ['preinstall', 'install', 'postinstall', 'prepare'])
    t.notOk(hook in manifest.scripts, `no ${hook} hook`);
  t.equal(manifest.gypfile, false);
  t.notMatch(text('package-lock.json'), /"resolved": "http/, 'the lock names no registry');
  // TypeScript is there twice: the native compiler as tsc, and the one with an API for tap's loader.
  const tsc = join(projectRoot, 'node_modules/.bin/tsc');
  t.match((await execa('env', ['-u', 'NODE_OPTIONS', tsc, '--version'])).stdout, /^Version 7\./);
  t.match(JSON.parse(text('node_modules/typescript/package.json')), { version: /^6\./ });
});
