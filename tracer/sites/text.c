// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes to the program's text. /proc/self/mem writes through the page protection, so no page is ever writable and executable,
 * and a host thread that runs other code of the same page is not disturbed. Where the kernel forbids that, mprotect.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "sites/sites.h"

int ddet__write_text(unsigned long addr, const void *from, unsigned long bytes)
{
	static int fd = -1;
	unsigned long start = addr & ~4095ul, end = (addr + bytes + 4095) & ~4095ul;

	if (fd == -1) {
		fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			fd = -2;
	}
	if (fd >= 0 && pwrite(fd, from, bytes, (off_t)addr) == (ssize_t)bytes)
		return 0;
	if (mprotect((void *)start, end - start, PROT_READ | PROT_WRITE | PROT_EXEC))
		return -errno;
	memcpy((void *)addr, from, bytes);
	if (mprotect((void *)start, end - start, PROT_READ | PROT_EXEC))
		return -errno;
	return 0;
}
