// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stock QEMU as device server. Config space, MMIO and ports go over qtest; DMA memory is QEMU's RAM file, mapped shared;
 * each message-signalled vector arrives as an eventfd: devices write to the doorbell of an ivshmem device whose peer is us.
 * The machine's CPU sits in `cli; hlt`, so QEMU's virtual clock runs and costs nothing. Everything is passed as inherited descriptors:
 * nothing on the host has a name that could be left behind.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ddekit/arena.h>
#include <ddekit/exit_codes.h>
#include <ddekit/irq.h>
#include "device/device.h"
#include "device/qemu/qtest.h"
#include "device/qemu/strays.h"
#include "end/exit.h"
#include "event/irq.h"
#include "host/log.h"
#include "host/memory.h"
#include "host/options.h"

#define ECAM 0xb0000000UL
#define IVSHMEM_SLOT 0x1e
#define IVSHMEM_BAR0 0xfe000000UL
#define DOORBELL (IVSHMEM_BAR0 + 0xc)
#define VECTORS 63
#define BIOS_SIZE 65536

static pid_t qemu_pid;

/*
 * Our end of QEMU's monitor (QMP). Nobody here uses it: a debugger that holds this process borrows it (pidfd_getfd), to stop the
 * device's time together with the driver's.
 */
int ddekit__qmp_fd = -1;

static int make_bios(void)
{
	/* The reset vector is 16 bytes below the end. */
	static const unsigned char halt[] = { 0xfa, 0xf4, 0xeb, 0xfc };
	int fd = memfd_create("dde-bios", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, BIOS_SIZE) < 0 || pwrite(fd, halt, sizeof(halt), BIOS_SIZE - 16) != sizeof(halt))
		ddekit__die(DDEKIT_EXIT_IO, "memfd: %s", strerror(errno));
	return fd;
}

static void send_fd(int sock, int64_t value, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &value, sizeof(value) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *c;

		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	if (sendmsg(sock, &msg, MSG_NOSIGNAL) != sizeof(value))
		ddekit__die(DDEKIT_EXIT_IO, "ivshmem hand-shake: %s", strerror(errno));
}

/*
 * The hand-shake of the ivshmem server, queued before QEMU starts: QEMU is peer 1, we are peer 0, so that the doorbell
 * value `peer << 16 | vector` is the vector alone and fits MSI's 16-bit data. Vector number == Linux irq number.
 */
static void ivshmem_setup(int sock)
{
	int shm = memfd_create("dde-ivshmem", MFD_CLOEXEC), i;

	if (shm < 0 || ftruncate(shm, 4096) < 0)
		ddekit__die(DDEKIT_EXIT_IO, "memfd: %s", strerror(errno));
	send_fd(sock, 0, -1);
	send_fd(sock, 1, -1);
	send_fd(sock, -1, shm);
	close(shm);
	for (i = 0; i < VECTORS; i++) {
		int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

		if (fd < 0)
			ddekit__die(DDEKIT_EXIT_IO, "eventfd: %s", strerror(errno));
		send_fd(sock, 0, fd);
		if (i >= DDEKIT_IRQ_MSI_FIRST && i <= DDEKIT_IRQ_MSI_LAST)
			ddekit__irq_watch(fd, i);
	}
}

static char *fmt(const char *f, int n)
{
	char *s;

	if (asprintf(&s, f, n) < 0)
		abort();
	return s;
}

/* No more than the arena: a device that is given anything but a bus address finds no memory there. */
static char *ram_object(int fd)
{
	char *s;

	if (asprintf(&s, "memory-backend-file,id=ram,size=%lu,share=on,mem-path=/proc/self/fd/%d", ddekit__arena_end(), fd) < 0)
		abort();
	return s;
}

static void keep_fd(int fd)
{
	fcntl(fd, F_SETFD, 0);
}

static void child(int qtest, int iv, int qmp, int ram, int bios, int log, pid_t parent)
{
	char *argv[256], **extra = ddekit__options.device_args;
	int n = 0, null, err;
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	setpgid(0, 0); /* Ctrl-C is for us: QEMU lives until the driver has let go of the device */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	null = open("/dev/null", O_RDONLY);
	dup2(null, 0);
	dup2(2, 1);
	keep_fd(qtest);
	keep_fd(iv);
	keep_fd(qmp);
	keep_fd(ram);
	keep_fd(bios);
	keep_fd(log);
	argv[n++] = (char *)ddekit__options.qemu;
	argv[n++] = "-M";
	argv[n++] = "q35,sata=off,smbus=off,memory-backend=ram,hpet=off";
	argv[n++] = "-accel";
	argv[n++] = "tcg,tb-size=8";
	argv[n++] = "-nodefaults";
	argv[n++] = "-no-user-config";
	argv[n++] = "-display";
	argv[n++] = "none";
	argv[n++] = "-m";
	argv[n++] = fmt("%dM", (int)(ddekit__arena_end() >> 20));
	argv[n++] = "-object";
	argv[n++] = ram_object(ram);
	argv[n++] = "-bios";
	argv[n++] = fmt("/proc/self/fd/%d", bios);
	argv[n++] = "-d";
	argv[n++] = "guest_errors";
	argv[n++] = "-D";
	argv[n++] = fmt("/proc/self/fd/%d", log);
	argv[n++] = "-chardev";
	argv[n++] = fmt("socket,id=qtest,fd=%d", qtest);
	argv[n++] = "-qtest";
	argv[n++] = "chardev:qtest";
	argv[n++] = "-qtest-log";
	argv[n++] = "none";
	argv[n++] = "-chardev";
	argv[n++] = fmt("socket,id=iv,fd=%d", iv);
	argv[n++] = "-device";
	argv[n++] = fmt("ivshmem-doorbell,vectors=%d,chardev=iv,addr=1e", VECTORS);
	argv[n++] = "-chardev";
	argv[n++] = fmt("socket,id=dde-qmp,fd=%d", qmp);
	argv[n++] = "-mon";
	argv[n++] = "chardev=dde-qmp,mode=control";
	while (*extra && n < 250)
		argv[n++] = *extra++;
	argv[n] = NULL;
	if (*extra) {
		ddekit__say("more than %d arguments for QEMU", n);
		_exit(127);
	}
	execvp(argv[0], argv);
	err = errno;
	ddekit__say("cannot start %s: %s", argv[0], strerror(err));
	_exit(127);
}

static void ecam_enable(void)
{
	qtest_write("outl", 0xcf8, 0x80000060, 1);
	qtest_write("outl", 0xcfc, ECAM | 1, 1);
}

static void config_poke(unsigned int reg, uint32_t v)
{
	qtest_write("writel", ECAM + (IVSHMEM_SLOT << 15) + reg, v, 1);
}

static void qemu_stop(void)
{
	int i, status;

	if (qemu_pid <= 0)
		return;
	kill(qemu_pid, SIGTERM);
	for (i = 0; i < 100; i++) {
		if (waitpid(qemu_pid, &status, WNOHANG) != 0)
			goto out;
		usleep(2000);
	}
	kill(qemu_pid, SIGKILL);
	waitpid(qemu_pid, &status, 0);
out:
	qemu_pid = 0;
	qemu_strays_end();
}

static void qemu_start(void)
{
	pid_t parent = getpid();
	int q[2], iv[2], qmp[2], bios, log;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, q) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, iv) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, qmp) < 0)
		ddekit__die(DDEKIT_EXIT_IO, "socketpair: %s", strerror(errno));
	bios = make_bios();
	log = qemu_strays_start();
	ivshmem_setup(iv[0]);
	qemu_pid = fork();
	if (qemu_pid < 0)
		ddekit__die(DDEKIT_EXIT_IO, "fork: %s", strerror(errno));
	if (!qemu_pid)
		child(q[1], iv[1], qmp[1], ddekit__arena_fd(), bios, log, parent);
	ddekit__at_exit(qemu_stop);
	close(q[1]);
	close(iv[1]);
	close(qmp[1]);
	ddekit__qmp_fd = qmp[0];
	close(bios);
	close(log);
	/* iv[0] stays open: QEMU takes a closed server for an error. */
	qtest_open(q[0]);
	qtest_command("irq_intercept_in ioapic");
	qtest_write("outb", 0x43, 0x30, 1); /* the PIT would raise IRQ 0 18 times a second */
	ecam_enable();
	config_poke(0x10, IVSHMEM_BAR0);
	config_poke(0x04, 0x2);
	qtest_watch();
}

static const char *read_cmd(unsigned int size)
{
	return size == 1 ? "readb" : size == 2 ? "readw" : size == 4 ? "readl" : "readq";
}

static const char *write_cmd(unsigned int size)
{
	return size == 1 ? "writeb" : size == 2 ? "writew" : size == 4 ? "writel" : "writeq";
}

static unsigned long config_addr(unsigned int bus, unsigned int devfn, unsigned int reg)
{
	return ECAM + ((unsigned long)bus << 20) + ((unsigned long)devfn << 12) + reg;
}

static int hidden(unsigned int bus, unsigned int devfn)
{
	return bus == 0 && devfn >> 3 == IVSHMEM_SLOT;
}

static unsigned int qemu_config_read(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size)
{
	if (hidden(bus, devfn))
		return size == 4 ? ~0U : (1U << (8 * size)) - 1;
	return qtest_read(read_cmd(size), config_addr(bus, devfn, reg));
}

static void qemu_config_write(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size, unsigned int v)
{
	if (!hidden(bus, devfn))
		qtest_write(write_cmd(size), config_addr(bus, devfn, reg), v, 1);
}

static uint64_t qemu_mmio_read(unsigned long addr, unsigned int size)
{
	return qtest_read(read_cmd(size), addr);
}

static void qemu_mmio_write(unsigned long addr, unsigned int size, uint64_t v)
{
	qtest_write(write_cmd(size), addr, size == 8 ? v : v & ((1ULL << (8 * size)) - 1), !ddekit__options.posted);
	ddekit__pci_count.posted = qtest_posted;
}

static unsigned int qemu_pio_read(unsigned int port, unsigned int size)
{
	return qtest_read(size == 1 ? "inb" : size == 2 ? "inw" : "inl", port);
}

static void qemu_pio_write(unsigned int port, unsigned int size, unsigned int v)
{
	qtest_write(size == 1 ? "outb" : size == 2 ? "outw" : "outl", port, v, 1);
}

/* ICH9 wires the INTx pins of slots below 25 to PIRQ E-H, that is I/O APIC inputs 20-23. */
static unsigned int qemu_intx_irq(unsigned int slot, unsigned int pin)
{
	return 20 + ((slot + pin - 1) & 3);
}

/* A device's vectors are doorbells like any: what makes them is all in the message. */
static int qemu_irq_setup(enum ddekit_msi_type type, unsigned int vector, unsigned int count, unsigned int irq,
			  struct ddekit_msi_message *m)
{
	(void)type;
	(void)vector;
	(void)count;
	*m = (struct ddekit_msi_message){ .address = DOORBELL, .data = irq };
	return 0;
}

static void qemu_windows(struct ddekit_pci_windows *w)
{
	*w = (struct ddekit_pci_windows){
		.mem_start = 0xc0000000, .mem_end = 0xfdffffff, .io_start = 0x2000, .io_end = 0xffff, .bus_last = 255,
	};
}

const struct ddekit_device_ops ddekit__qemu_ops = {
	.name = "qemu",
	.memory = ddekit__arena_init,
	.start = qemu_start,
	.config_read = qemu_config_read,
	.config_write = qemu_config_write,
	.mmio_read = qemu_mmio_read,
	.mmio_write = qemu_mmio_write,
	.pio_read = qemu_pio_read,
	.pio_write = qemu_pio_write,
	.intx_irq = qemu_intx_irq,
	.irq_setup = qemu_irq_setup,
	.windows = qemu_windows,
	.stray = qemu_stray,
};
