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
#include "sites/text.h"

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

/* One page of text while it is rewritten: a system call a page, not one a site. */
static struct {
	unsigned long page; /* 0 = none */
	unsigned int from, to;
	unsigned char bytes[4096];
	int error;
} window;

static void write_window(void)
{
	int err = 0;

	if (window.page && window.from < window.to)
		err = ddet__write_text(window.page + window.from, window.bytes + window.from, window.to - window.from);
	if (err && !window.error)
		window.error = err;
	window.page = 0;
}

static void set_byte(unsigned long addr, unsigned char value)
{
	unsigned long page = addr & ~4095ul;
	unsigned int offset = (unsigned int)(addr - page);

	if (page != window.page) {
		write_window();
		window.page = page;
		window.from = sizeof(window.bytes);
		window.to = 0;
		memcpy(window.bytes, (const void *)page, sizeof(window.bytes));
	}
	window.bytes[offset] = value;
	if (offset < window.from)
		window.from = offset;
	if (offset >= window.to)
		window.to = offset + 1;
}

void ddet__text_set(unsigned long addr, const unsigned char *bytes, unsigned int n)
{
	while (n--)
		set_byte(addr++, *bytes++);
}

int ddet__text_flush(void)
{
	int err;

	write_window();
	err = window.error;
	window.error = 0;
	return err;
}
