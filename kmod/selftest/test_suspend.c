// SPDX-License-Identifier: GPL-2.0-only
/* The system goes to sleep under a running session. */
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "selftest.h"

void test_suspend(void)
{
	int fd = device_start();
	struct pollfd poll_fd = { .fd = fd, .events = POLLPRI };
	unsigned char *from = pages(1), *to = pages(1);
	uint64_t source, target;

	fill(from, 500, 9);
	map(fd, from, 500, UIO_DMA_TO_DEVICE, &source);
	map(fd, to, 500, UIO_DMA_FROM_DEVICE, &target);
	/* The kernel's own test: everything but the sleep itself, 5 seconds. */
	check(write_file("/sys/power/pm_test", "devices"), "a test of suspend");
	check(write_file("/sys/power/state", "freeze"), "suspend and resume");
	write_file("/sys/power/pm_test", "none");
	check(query(fd).state & UIO_DMA_STATE_SUSPENDED, "query tells it");
	check(!(query(fd).state & UIO_DMA_STATE_MASTER), "bus mastering was switched off");
	check(!(config_command() & 4), "and stays off");
	check(poll(&poll_fd, 1, 0) == 1 && poll_fd.revents & POLLPRI, "poll tells it");
	check(query(fd).mappings == 2, "mappings stay");
	check_errno(ioctl(fd, UIO_DMA_IOC_MASTER, 1), 0, "bus mastering on again");
	check(!(query(fd).state & UIO_DMA_STATE_SUSPENDED), "that ends it");
	check(edu_read(source, 500) && edu_write(target, 500), "the device copies");
	unmap(fd, source, 500, UIO_DMA_TO_DEVICE);
	unmap(fd, target, 500, UIO_DMA_FROM_DEVICE);
	check(filled(to, 500, 9), "through the old mappings");
	munmap(from, PAGE);
	munmap(to, PAGE);
	close(fd);
}
