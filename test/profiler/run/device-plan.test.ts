// SPDX-License-Identifier: MIT
import t from 'tap';
import { type DevicePlan, parseDevice, parseNet, qemuDeviceArgs } from '../../../profiler/run/device-plan.js';

const user = { kind: 'user', tcpPort: 1111, udpPort: 2222 } as const;

function plan(devices: string[], more: Partial<DevicePlan> = {}): string[] {
  return qemuDeviceArgs({ devices: devices.map(parseDevice), network: user, drives: [], ...more });
}

t.test('a network card gets the restricted user network with both peers behind it', async (t) => {
  t.strictSame(plan(['e1000e']), [
    '-netdev',
    'user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:1111-:5001,hostfwd=udp:127.0.0.1:2222-:5002',
    '-device',
    'e1000e,id=dut0,netdev=net0,mac=52:54:00:12:34:56,addr=0x4,romfile=',
  ]);
});

t.test('options of the user win', async (t) => {
  const args = plan(['e1000e,mac=52:54:00:00:00:01,addr=0x7,x-flag']);
  t.match(args[3], 'mac=52:54:00:00:00:01,addr=0x7,romfile=,x-flag=on');
});

t.test('disks', async (t) => {
  t.strictSame(plan(['nvme'], { drives: ['/a,b'] }), [
    '-drive',
    'if=none,id=drive0,format=raw,cache=writeback,file=/a,,b',
    '-device',
    'nvme,id=dut0,serial=dde0001,drive=drive0,addr=0x4,romfile=',
  ]);
  t.match(plan(['ahci'], { drives: ['/a'] }).slice(2), [
    '-device',
    'ich9-ahci,id=dut0,addr=0x4,romfile=',
    '-device',
    'ide-hd,drive=drive0,bus=dut0.0',
  ]);
  const two = plan(['nvme', 'nvme'], { drives: ['/a', '/b'] });
  t.match(two[7], /^nvme,id=dut1,serial=dde0002,drive=drive1,/, 'Linux refuses two controllers of one serial number');
  t.match(plan(['nvme,serial=mine'], { drives: ['/a'] })[3], /,serial=mine,/);
  t.throws(() => plan(['nvme']), { code: 'ERR_DDE_DRIVE' });
});

t.test('several devices: own slots, own networks, one capture', async (t) => {
  const args = plan(['e1000e', 'rtl8139', 'edu'], { pcap: '/tmp/x.pcap' });
  t.match(
    args.filter((arg) => arg.includes('addr=')),
    [/addr=0x4/, /addr=0x5/, /^edu,id=dut2,addr=0x6/],
  );
  t.ok(args.includes('user,id=net1,restrict=on,net=10.0.3.0/24'));
  t.equal(args.filter((arg) => arg.startsWith('filter-dump')).length, 1);
  t.throws(() => plan(Array.from({ length: 22 }, () => 'e1000e')), { code: 'ERR_DDE_DEVICE' });
});

t.test('what cannot be read is refused', async (t) => {
  for (const text of ['', ',', 'a b', 'e1000e,', 'e1000e,=3', '-x']) {
    t.throws(() => parseDevice(text), { code: 'ERR_DDE_DEVICE' }, JSON.stringify(text));
  }
  t.strictSame(parseNet('tap=tap0'), { kind: 'tap', name: 'tap0' });
  t.throws(() => parseNet('bridge'), { code: 'ERR_DDE_OPTION' });
});

t.test('writes are not posted where the model races', async (t) => {
  t.equal(parseDevice('rtl8139').synchronousWrites, true);
  t.equal(parseDevice('i82557b').synchronousWrites, true);
  t.equal(parseDevice('e1000e').synchronousWrites, false);
});
