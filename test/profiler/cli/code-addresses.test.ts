// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { nameAddresses } from '../../../profiler/cli/views/code-addresses.js';

t.test('a code address on the console gets the name of its function, as %pS would write it', async (t) => {
  const dir = t.testdir({ 'a.c': 'int unmap(int x) { return x * 3; }\nint main(void) { return unmap(1); }\n' });
  const program = join(dir, 'a');
  execFileSync('gcc', ['-no-pie', '-O0', '-o', program, join(dir, 'a.c')]);
  const [, address = '', size = ''] =
    /^(\S+) (\S+) T unmap$/m.exec(execFileSync('nm', ['-S', program], { encoding: 'utf8' })) ?? [];
  const inside = (Number.parseInt(address, 16) + 5).toString(16).padStart(16, '0');
  const named = nameAddresses(program);
  const line = (at: string): string => `WARNING: CPU: 0 PID: 1 at kernel/dma/mapping.c:533 ${at}`;
  t.equal(named(line(`0x${inside}`)), line(`unmap+0x5/0x${Number.parseInt(size, 16).toString(16)}`));
  for (const other of ['0x0000000000000010', '0x00000000fffffff0', '0x1234'])
    t.equal(named(line(other)), line(other), 'no function is there');
  t.equal(nameAddresses(join(dir, 'a.c'))(line(`0x${inside}`)), line(`0x${inside}`), 'no executable: the number stays');
});
