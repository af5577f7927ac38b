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

#define HUGE (2UL << 20)
#ifndef MFD_HUGE_2MB
#define MFD_HUGE_2MB (21U << 26) /* linux/memfd.h */
#endif

#define PAGE 4096UL

static int ram_fd = -1;
/* By page of the file. */
static unsigned char lent[(DDEKIT_ARENA_PHYS + DDEKIT_ARENA_MAX) / PAGE];

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

/* The file from its beginning, as huge pages cannot be mapped from 1 MiB on; that first MiB is nobody's. */
static void map_huge(void)
{
	void *want = (void *)DDEKIT_ARENA_OFFSET;
	unsigned long size = (ddekit__arena_end() + HUGE - 1) & ~(HUGE - 1);

	ram_fd = memfd_create("dde-ram", MFD_CLOEXEC | MFD_HUGETLB | MFD_HUGE_2MB);
	if (ram_fd < 0 || ftruncate(ram_fd, size) < 0 ||
	    mmap(want, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, ram_fd, 0) != want)
		ddekit__die(DDEKIT_EXIT_BACKEND, "cannot have %lu huge pages of 2 MiB: %s (sysctl vm.nr_hugepages)", size / HUGE, strerror(errno));
}

void ddekit__arena_init(void)
{
	void *want = (void *)DDEKIT_ARENA_BASE, *got;

	if (ddekit__options.huge) {
		map_huge();
		return;
	}
	ram_fd = memfd_create("dde-ram", MFD_CLOEXEC);
	if (ram_fd < 0 || ftruncate(ram_fd, ddekit__arena_end()) < 0)
		ddekit__die(DDEKIT_EXIT_IO, "cannot create the device memory: %s", strerror(errno));
	got = mmap(want, ddekit__options.memory, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_NORESERVE, ram_fd,
		   DDEKIT_ARENA_PHYS);
	if (got != want)
		ddekit__die(DDEKIT_EXIT_IO, "cannot map the arena at %p: %s", want, got == MAP_FAILED ? strerror(errno) : "in use");
}

static void lend(unsigned long offset, unsigned long size, int on)
{
	unsigned long page;

	for (page = offset / PAGE; page < (offset + size) / PAGE; page++)
		lent[page] = on;
}

void ddekit__arena_lend(void *at, unsigned long size)
{
	lend((unsigned long)at - DDEKIT_ARENA_OFFSET, size, 1);
}

int ddekit__arena_lent(unsigned long offset, unsigned long size)
{
	unsigned long page;

	for (page = offset / PAGE; page < (offset + size + PAGE - 1) / PAGE && page < sizeof(lent); page++)
		if (lent[page])
			return 1;
	return 0;
}

void ddekit__arena_restore(void *at, unsigned long size)
{
	if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, ram_fd, (unsigned long)at - DDEKIT_ARENA_OFFSET) != at)
		ddekit__die(DDEKIT_EXIT_IO, "cannot map the arena at %p again: %s", at, strerror(errno));
	lend((unsigned long)at - DDEKIT_ARENA_OFFSET, size, 0);
}
