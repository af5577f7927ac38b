// SPDX-License-Identifier: GPL-2.0-only
/* The device goes away under a running session. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "selftest.h"

static sigjmp_buf fault;

static void on_bus(int signal)
{
	siglongjmp(fault, signal);
}

static bool touch_faults(volatile char *at)
{
	volatile bool bus = false;

	signal(SIGBUS, on_bus);
	if (sigsetjmp(fault, 1))
		bus = true;
	else
		*at = 2;
	signal(SIGBUS, SIG_DFL);
	return bus;
}

void test_unbind(void)
{
	int fd = device_start(), next;
	struct pollfd poll_fd = { .fd = fd, .events = POLLPRI };
	char *at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *untouched = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *buffer = pages(4);
	uint64_t dma;

	*at = 1;
	map(fd, buffer, 4 * PAGE, UIO_DMA_BIDIRECTIONAL, &dma);
	check(!poll(&poll_fd, 1, 0), "no event");
	check(sysfs_write("drivers/uio_pci_generic/unbind", bdf), "unbind while mapped");
	check_errno(ioctl(fd, UIO_DMA_IOC_MASTER, 1), ENODEV, "master");
	check_errno(map(fd, buffer, PAGE, UIO_DMA_BIDIRECTIONAL, &dma), ENODEV, "map");
	check_errno(unmap(fd, dma, 4 * PAGE, UIO_DMA_BIDIRECTIONAL), ENODEV, "unmap");
	check_errno(start(fd, mode, 32), ENODEV, "start");
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED, "mmap");
	check(poll(&poll_fd, 1, 0) == 1 && poll_fd.revents & POLLHUP, "poll tells it");
	check(touch_faults(at), "coherent memory is gone: SIGBUS");
	check(touch_faults(untouched), "also if it was never touched");
	check(!status_kib(getpid(), "VmPin"), "nothing is pinned");
	check(!(config_command() & 4), "bus mastering is off");
	check(device_open() < 0 && errno == ENOENT, "the node is gone");
	check(sysfs_write("drivers/uio_pci_generic/bind", bdf), "bind again");
	next = device_open();
	check(next >= 0, "a new node, though the old file is open");
	check_errno(start(next, mode, 32), 0, "start");
	check_errno(map(next, buffer, PAGE, UIO_DMA_BIDIRECTIONAL, &dma), 0, "map");
	munmap(at, 4 * PAGE);
	munmap(untouched, PAGE);
	close(fd);
	check(query(next).mappings == 1, "the old file's close does not touch it");
	close(next);
}
