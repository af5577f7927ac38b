// SPDX-License-Identifier: MIT
// Debian's own programs on drivers of many kinds, by what they print. Those whose drivers no other test builds: with DDE_LONG=1.
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { freeTcpPort } from '../../profiler/run/peer/index.js';
import { projectRoot } from '../../profiler/setup/root.js';
import { cli, toolCommand } from '../fixtures/cli.js';
import { ends, run } from '../fixtures/e2e.js';

t.setTimeout(1_800_000);

interface Case {
  readonly name: string;
  readonly driver: readonly string[];
  readonly script: string;
  readonly prints: readonly RegExp[];
  /** Its driver is built for this test alone. */
  readonly long?: boolean;
}

const CASES: readonly Case[] = [
  {
    name: 'a disk of ahci',
    driver: ['ahci'],
    script: [
      'hdparm -I /dev/sda | grep Model',
      'hdparm -tT /dev/sda',
      'fio --name=a --filename=/dev/sda --rw=randrw --bs=4k --size=2M --ioengine=psync --verify=crc32c',
      'fio --name=b --filename=/dev/sda --rw=write --bs=64k --size=2M --ioengine=pvsync --direct=1 --verify=md5',
      'dd if=/dev/sda of=/dev/null bs=1M count=8 iflag=direct',
      'blockdev --getsize64 /dev/sda',
      'mkfs.ext4 -q -F /dev/sda; e2fsck -fn /dev/sda',
    ].join('; '),
    prints: [
      /Model Number: +QEMU HARDDISK/,
      /Timing buffered disk reads: .* MB in/,
      /READ: bw=/,
      /WRITE: bw=/,
      /8388608 bytes/,
      /^67108864$/m,
      /Pass 5: Checking group summary information/,
    ],
  },
  {
    name: 'a card of e1000e',
    driver: ['e1000e'],
    script: [
      'ethtool -S eth0 | grep rx_bytes',
      'ethtool -d eth0 | head -3',
      'ethtool -G eth0 rx 512; ethtool -g eth0',
      'ip -s link show eth0',
      'ip addr add 192.0.2.7/24 dev eth0; ip -brief addr show eth0',
      'timeout 20 tcpdump --immediate-mode -c 2 -i eth0 -n icmp & sleep 1; ping -c 2 10.0.2.2; wait',
    ].join('; '),
    prints: [
      /rx_bytes: \d+/,
      /MAC Registers/,
      /Current hardware settings:\nRX:\s+512/,
      /RX: +bytes +packets/,
      /192\.0\.2\.7\/24/,
      /IP 10\.0\.2\.15 > 10\.0\.2\.2: ICMP echo request/,
    ],
  },
  {
    name: 'a watchdog timer',
    driver: ['i6300esb'],
    script: 'wdctl /dev/watchdog0',
    prints: [/Identity: +i6300ESB timer/, /Timeout: +\d+ seconds/, /MAGICCLOSE/],
  },
  {
    name: 'a serial card',
    driver: ['CONFIG_SERIAL_8250_PCI', '--device', 'pci-serial'],
    script:
      'stty -F /dev/ttyS0 115200 raw; stty -a -F /dev/ttyS0; echo hello > /dev/ttyS0; timeout 1 cat /dev/ttyS0; true',
    prints: [/speed 115200 baud/],
    long: true,
  },
  {
    name: 'a source of random numbers',
    driver: ['CONFIG_HW_RANDOM_VIRTIO', '--device', 'virtio-rng-pci'],
    script: 'cat /sys/class/misc/hw_random/rng_current; head -c 20000 /dev/hwrng | rngtest -c 5',
    prints: [/^virtio_rng\.0$/m, /FIPS 140-2 successes: [345]/],
    long: true,
  },
  {
    name: 'a keyboard',
    driver: ['CONFIG_VIRTIO_INPUT', '--device', 'virtio-keyboard-pci'],
    script: 'timeout 2 evtest /dev/input/event0; true',
    prints: [/Input device name: "QEMU Virtio Keyboard"/, /Event code 30 \(KEY_A\)/],
    long: true,
  },
  {
    name: 'a CAN card',
    driver: ['CONFIG_CAN_KVASER_PCI', '--device', 'kvaser_pci,canbus=c0', '--qemu-arg', '-object=can-bus,id=c0'],
    script:
      'ip link set can0 up type can bitrate 500000; ip -d link show can0; candump -n 1 can0 & sleep 0.5; cansend can0 123#DEADBEEF; wait',
    prints: [/bitrate 500000/, /can0 +123 +\[4\] +DE AD BE EF/],
    long: true,
  },
  {
    name: 'a sound card',
    driver: ['CONFIG_SND_INTEL8X0', '--device', 'AC97'],
    script: 'aplay -l; arecord -q -d 1 -f cd sound.wav; aplay -q sound.wav && echo played; amixer | head -3',
    prints: [/card 0: .*Intel 82801AA-ICH/, /^played$/m, /Simple mixer control/],
    long: true,
  },
];

for (const { name, driver, script, prints, long } of CASES) {
  const skip = long === true && process.env['DDE_LONG'] !== '1' ? 'builds a driver of its own: DDE_LONG=1' : false;
  t.test(name, { skip }, async (t) => {
    const end = await run(['run', ...driver, '--', 'exec', 'sh', '-c', script], { cwd: t.testdir() });
    ends(t, end);
    for (const what of prints) t.match(end.stderr, what);
  });
}

t.test('iperf3 of the host through e1000e, both ways', async (t) => {
  const port = String(await freeTcpPort());
  const server = spawn('iperf3', ['-s', '-B', '127.0.0.1', '-p', port], { stdio: 'ignore' });
  t.teardown(() => server.kill());
  const script = `iperf3 -c 10.0.2.2 -p ${port} -n 4M && iperf3 -c 10.0.2.2 -p ${port} -n 4M -R`;
  const end = await run(['run', 'e1000e', '--', 'exec', 'sh', '-c', script]);
  ends(t, end);
  t.equal(end.stderr.match(/^\[ *\d+\].* MBytes .*receiver$/gm)?.length ?? 0, 2, end.stderr);
});

t.test('where seccomp() is forbidden it is said before anything starts', async (t) => {
  const wrapper = join(t.testdir(), 'without_seccomp');
  execFileSync('gcc', ['-O1', '-o', wrapper, join(projectRoot, 'test/fixtures/programs/without_seccomp.c')]);
  const [command, ...tool] = toolCommand;
  const edu = join(projectRoot, 'samples/edu');
  ends(t, await cli(['build', edu]));
  try {
    execFileSync(wrapper, [command, ...tool, 'run', edu, '--', 'exec', 'true'], { stdio: 'pipe' });
    t.fail('it ran');
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer };
    t.equal(status, 3);
    t.match(
      String(stderr),
      /seccomp user notification.*Linux 5\.14 or later is needed, and a container must allow seccomp\(\)/s,
    );
    t.notMatch(String(stderr), /^start /m);
  }
});
