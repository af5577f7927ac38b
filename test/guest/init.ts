// SPDX-License-Identifier: MIT
// What runs in the guest. ttyS0 is the console, ttyS1 carries the command's output and lines for the harness.

/** Before the kernel's log as a whole, on the console. */
export const LOG_MARK = '=== kernel log';
/** The port of QEMU's isa-debug-exit. */
export const EXIT_PORT = 0xf4;

const MOUNT_9P = 'mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144';

/** The host's files, read-only, with the guest's own kernel file systems in them: \`chroot /host PROGRAM\`. */
const HOST_ROOT = `
${MOUNT_9P},ro,cache=loose host /host || say "fail mount of the host's files"
for dir in proc sys dev; do mount --bind /$dir /host/$dir; done
mount -t tmpfs run /host/run`;

export interface InitOptions {
  readonly nonce: string;
  readonly artefacts: boolean;
  readonly hostRoot: boolean;
}

export function init({ nonce, artefacts, hostRoot }: InitOptions): string {
  return `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts pts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
stty -F /dev/ttyS1 raw -echo
say() { printf '\\n${nonce} %s\\n' "$*" > /dev/ttyS1; }
for module in /modules/*.ko; do
  [ -e "$module" ] || continue
  insmod "$module" || say "fail insmod $(basename "$module")"
done
ip link set lo up 2>/dev/null
${artefacts ? `${MOUNT_9P} artefacts /artefacts || say "fail mount of artefacts"` : ''}
${hostRoot ? HOST_ROOT : ''}
dmesg -n 8
say start
setsid sh /command < /dev/null > /dev/ttyS1 2>&1
code=$?
sync
dmesg -n 1
{ echo; echo '${LOG_MARK}'; dmesg; } > /dev/ttyS0
say "exit $code"
printf '\\001' | dd of=/dev/port bs=1 seek=${EXIT_PORT} 2>/dev/null
poweroff -f
`;
}

/** \`qmp COMMAND [JSON-ARGUMENTS]\` in the guest: the harness gives it to QEMU, such as \`qmp device_del '{"id":"nic"}'\`. */
export function qmpTool(nonce: string): string {
  return `#!/bin/sh
printf '\\n${nonce} qmp %s\\n' "$*" > /dev/ttyS1
`;
}
