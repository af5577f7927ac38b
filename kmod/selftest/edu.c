// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's edu device (docs/specs/edu.txt of QEMU): a buffer of 4 KiB and a DMA engine that copies
 * between it and memory, 100 ms after it was told to. One byte less than its buffer: QEMU 7.2
 * aborts at the full size.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "selftest.h"

#define EDU_IDENT	0x00
#define EDU_DMA_SOURCE	0x80
#define EDU_DMA_TARGET	0x88
#define EDU_DMA_COUNT	0x90
#define EDU_DMA_COMMAND	0x98
#define EDU_DMA_START	1
#define EDU_DMA_TO_RAM	2
#define EDU_BUFFER	0x40000

static volatile uint8_t *bar;

static void put(unsigned int reg, uint64_t value)
{
	*(volatile uint64_t *)(bar + reg) = value;
}

bool edu_open(void)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", bdf);
	fd = open(path, O_RDWR | O_SYNC);
	if (fd < 0)
		return false;
	bar = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	/* The identification ends in 0xed. */
	return bar != MAP_FAILED && (*(volatile uint32_t *)(bar + EDU_IDENT) & 0xff) == 0xed;
}

static bool run(uint64_t source, uint64_t target, size_t length, unsigned int direction)
{
	const struct timespec ms = { .tv_nsec = 5000000 };

	put(EDU_DMA_SOURCE, source);
	put(EDU_DMA_TARGET, target);
	put(EDU_DMA_COUNT, length);
	put(EDU_DMA_COMMAND, EDU_DMA_START | direction);
	for (int i = 0; i < 1000; i++) {
		if (!(*(volatile uint64_t *)(bar + EDU_DMA_COMMAND) & EDU_DMA_START))
			return true;
		nanosleep(&ms, NULL);
	}
	return false;
}

bool edu_read(uint64_t from, size_t length)
{
	return run(from, EDU_BUFFER, length, 0);
}

bool edu_write(uint64_t to, size_t length)
{
	return run(EDU_BUFFER, to, length, EDU_DMA_TO_RAM);
}
