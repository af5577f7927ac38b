// SPDX-License-Identifier: GPL-2.0-only
/* The arena: a part of the RAM file that the back end shares with its device, mapped shared, so DMA needs no copy. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ddekit/arena.h>
#include <ddekit/exit_codes.h>
#include <ddekit/host.h>
#include "host/log.h"
#include "host/memory.h"
#include "host/options.h"

static int ram_fd = -1;

unsigned long ddekit_arena_size(void)
{
	return ddekit__options.memory;
}

int ddekit__arena_fd(void)
{
	return ram_fd;
}

unsigned long ddekit__arena_end(void)
{
	return DDEKIT_ARENA_PHYS + ddekit__options.memory;
}

void *ddekit_memcpy(void *to, const void *from, unsigned long n)
{
	return memcpy(to, from, n);
}

void ddekit__arena_init(void)
{
	void *want = (void *)DDEKIT_ARENA_BASE, *got;

	ram_fd = memfd_create("dde-ram", MFD_CLOEXEC);
	if (ram_fd < 0 || ftruncate(ram_fd, ddekit__arena_end()) < 0)
		ddekit__die(DDEKIT_EXIT_IO, "cannot create the device memory: %s", strerror(errno));
	got = mmap(want, ddekit__options.memory, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_NORESERVE, ram_fd,
		   DDEKIT_ARENA_PHYS);
	if (got != want)
		ddekit__die(DDEKIT_EXIT_IO, "cannot map the arena at %p: %s", want, got == MAP_FAILED ? strerror(errno) : "in use");
}

void ddekit__arena_huge(void)
{
	madvise((void *)DDEKIT_ARENA_BASE, ddekit__options.memory, MADV_HUGEPAGE);
}

void ddekit__arena_restore(void *at, unsigned long size)
{
	if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, ram_fd, (unsigned long)at - DDEKIT_ARENA_OFFSET) != at)
		ddekit__die(DDEKIT_EXIT_IO, "cannot map the arena at %p again: %s", at, strerror(errno));
}
