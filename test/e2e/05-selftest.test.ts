// SPDX-License-Identifier: MIT
// Points 5 and 6: the driver's own test, and 100 times unbind and bind.
import t from 'tap';
import { ends, run } from '../fixtures/e2e.js';

t.test("ethtool-selftest prints each of the driver's five results", async (t) => {
  const { result } = await run(['run', 'e1000e', '--', 'ethtool-selftest']);
  const tests = result.results[0]?.['tests'] as { name: string; value: number }[];
  t.strictSame(
    tests.map(({ name }) => name.replace(/ +\(.*/, '').trim()),
    ['Register test', 'Eeprom test', 'Interrupt test', 'Loopback test', 'Link test'],
  );
  t.equal(tests[1]?.value, 0, 'the EEPROM passes');
  t.equal(tests[4]?.value, 0, 'the link passes');
});

t.test('100 times unbind and bind, then traffic', async (t) => {
  const args = [
    'run',
    'e1000e',
    '--irq',
    'intx',
    '--',
    'rebind',
    '--count',
    '100',
    '+',
    'ping',
    '--count',
    '20',
    '+',
    'tcp',
    '--bytes',
    '8M',
  ];
  const end = await run(args);
  const { result } = end;
  ends(t, end);
  t.match(result.results, [
    { workload: 'rebind', ok: true, count: 100 },
    { workload: 'ping', ok: true, received: 20 },
    { workload: 'tcp', ok: true, out: { equal: true }, in: { equal: true } },
  ]);
  t.ok(Number(result.results[0]?.['grownKb']) < 256, `memory grew by ${result.results[0]?.['grownKb']} KiB`);
  t.strictSame(result.leaks, []);
});
