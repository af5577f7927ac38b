// SPDX-License-Identifier: MIT
// A counting object is compiled by Kbuild's own command, with another place for its output.
import t from 'tap';
import { coverageCommand } from '../../../../runtime/build/kbuild/coverage.js';

const command = (name: string) =>
  `${name}drivers/x/a.o := /cc/dde-cc -Wp,-MMD,drivers/x/.a.o.d -nostdinc -DNAME='"a\\#b"' -c -o drivers/x/a.o ../drivers/x/a.c ; ./tools/check a.o\n\nsource_drivers/x/a.o := ../drivers/x/a.c\n`;
const wanted = `/cc/dde-cc -nostdinc -DNAME='"a#b"' -fprofile-arcs -ftest-coverage -fprofile-update=single -fprofile-prefix-map=../=/src/ -c -o /tmp/0.o ../drivers/x/a.c`;

t.test('of 6.1 and of 6.12', async (t) => {
  for (const name of ['cmd_', 'savedcmd_']) t.equal(coverageCommand(command(name), '/tmp/0.o', ['../=/src/']), wanted);
});

t.test('assembler does not count', async (t) => {
  t.equal(coverageCommand('cmd_a.o := gcc -D__ASSEMBLY__ -c -o a.o ../a.S\n', '/tmp/0.o', []), undefined);
  t.equal(coverageCommand('', '/tmp/0.o', []), undefined);
});
