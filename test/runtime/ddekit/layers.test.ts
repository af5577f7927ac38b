// SPDX-License-Identifier: MIT
// The seams hold: the Linux side includes no libc, the host side no Linux-internal header, each public header stands alone,
// and both tables of exit codes are the same.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EXIT } from '../../../profiler/cli/exit-codes.js';
import { projectRoot as root } from '../../../profiler/setup/root.js';

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[chS]$/.test(name))
    .map((name) => join(folder, name));
}

function includes(file: string): string[] {
  return [...readFileSync(join(root, file), 'utf8').matchAll(/^\s*#\s*include\s*[<"]([^>"]+)[>"]/gm)].map(
    (m) => m[1] as string,
  );
}

t.test('arch/dde includes no libc header', async (t) => {
  const libc = /^(pthread|unistd|stdio|stdlib|string|errno|signal|fcntl|time|stdint|stdbool|assert|sys\/.*)\.h$/;
  for (const file of sources('runtime/arch/dde')) {
    t.strictSame(
      includes(file).filter((name) => libc.test(name)),
      [],
      file,
    );
  }
});

t.test('ddekit includes no Linux-internal header', async (t) => {
  // These are user-space API.
  const kernel =
    /^(linux\/(?!(futex|seccomp|filter|audit|if_tun|vfio|pci_regs)\.h)|asm\/|asm-generic\/|net\/(?!(if|if_arp)\.h)|trace\/|crypto\/)/;
  for (const file of sources('runtime/ddekit')) {
    t.strictSame(
      includes(file).filter((name) => kernel.test(name)),
      [],
      file,
    );
  }
});

t.test('each public header of ddekit compiles alone', async (t) => {
  for (const file of sources('runtime/ddekit/include/ddekit')) {
    t.doesNotThrow(
      () =>
        execFileSync(
          'gcc',
          ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-x', 'c', join(root, file)],
          {
            stdio: 'pipe',
          },
        ),
      file,
    );
  }
});

t.test('every C file of the runtime says its licence', async (t) => {
  for (const file of [
    ...sources('runtime'),
    ...['abi', 'emit', 'sites', 'control'].flatMap((part) => sources(`tracer/${part}`)),
  ]) {
    t.match(readFileSync(join(root, file), 'utf8').slice(0, 200), /SPDX-License-Identifier: GPL-2\.0-only/, file);
  }
});

t.test('exit codes are the same on both sides', async (t) => {
  const text = readFileSync(join(root, 'runtime/ddekit/include/ddekit/exit_codes.h'), 'utf8');
  const c = [...text.matchAll(/DDEKIT_EXIT_\w+ = (\d+),/g)].map((m) => Number(m[1])).sort((a, b) => a - b);
  t.strictSame(
    c,
    Object.values(EXIT as Readonly<Record<string, number>>).sort((a, b) => a - b),
  );
});
