// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA by the module in kmod/. In copy mode coherent memory is the module's, mapped over pages of the arena, so that for Linux it is memory like any other.
 * The session begins with addresses of 32 bits, which every mode and device can have; a driver that asks for fewer gets another one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ddekit/arena.h>
#include <ddekit/exit_codes.h>
#include "device/master.h"
#include "device/uio/uio.h"
#include "host/log.h"
#include "host/memory.h"
#include "host/options.h"
#include "../../kmod/uapi/uio_dma.h"

#define DIE(...) ddekit__die(DDEKIT_EXIT_BACKEND, __VA_ARGS__)
enum { BITS = 32 };

static int fd = -1;
static unsigned int mode_of_module, bits = BITS;

static struct uio_dma_query query(void)
{
	struct uio_dma_query q = { 0 };

	if (ioctl(fd, UIO_DMA_IOC_QUERY, &q))
		DIE("uio: the module uio_dma does not answer: %s", strerror(errno));
	return q;
}

static int start(unsigned int flags)
{
	struct uio_dma_start s = { .mode = mode_of_module, .dma_bits = bits, .flags = flags };

	return ioctl(fd, UIO_DMA_IOC_START, &s) ? -errno : 0;
}

static int map(struct uio_dma_op *op)
{
	return ioctl(fd, UIO_DMA_IOC_MAP, op) ? -errno : 0;
}

static enum uio_mode choose(const char *bdf, enum uio_mode mode)
{
	struct uio_dma_query q = query();
	int zero_copy = !!(q.capabilities & UIO_DMA_CAP_ZEROCOPY);

	if (q.version < UIO_DMA_API_VERSION)
		DIE("uio: the module uio_dma is older (interface %u) than this program (%u): build and load kmod again", q.version,
		    UIO_DMA_API_VERSION);
	if (mode == UIO_ANY)
		mode = zero_copy ? UIO_ARENA : UIO_COPY;
	if (mode != UIO_COPY && !zero_copy)
		DIE("uio: zero-copy needs an IOMMU that %s is behind, alone in its group; copy works without", bdf);
	return mode;
}

static void map_arena(void)
{
	struct uio_dma_op op = { .flags = UIO_DMA_MAP_ARENA, .address = DDEKIT_ARENA_BASE, .length = ddekit__options.memory };
	int err = map(&op);

	if (err)
		DIE("uio: cannot give %lu MiB of memory to the device: %s%s", ddekit__options.memory >> 20, strerror(-err),
		    err == -ENOMEM ? " (`ulimit -l` bounds it)" : "");
	ddekit_dma_limits.offset = op.dma - DDEKIT_ARENA_PHYS;
}

static void set_master(int on)
{
	if (ioctl(fd, UIO_DMA_IOC_MASTER, on))
		ddekit__say("uio: bus mastering cannot be switched %s: %s", on ? "on" : "off", strerror(errno));
}

void uio_dma_init(const char *bdf, enum uio_mode mode)
{
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/dev/uio-dma/%s", bdf);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		DIE("uio: %s: %s", path,
		    errno == EBUSY ? "another process has it" : errno == ENOENT ? "not there: is the module uio_dma loaded (kmod/README.md)?"
										: strerror(errno));
	mode = choose(bdf, mode);
	if (mode == UIO_COPY && ddekit__options.huge)
		DIE("uio: huge pages are of use behind an IOMMU only, not with copies");
	mode_of_module = mode == UIO_COPY ? UIO_DMA_MODE_COPY : UIO_DMA_MODE_ZEROCOPY;
	ddekit__arena_init();
	err = start(0);
	if (err)
		DIE("uio: DMA of %s cannot be had: %s", bdf, strerror(-err));
	ddekit__master_init(set_master);
	if (mode == UIO_ARENA)
		map_arena();
	/* With one mapping for all only the first time is of interest. */
	ddekit_dma_limits.reach = mode == UIO_ARENA ? DDEKIT_DMA_MAPPED : DDEKIT_DMA_GIVEN;
	ddekit__say("uio: %s, DMA by %s", bdf, mode == UIO_COPY ? "copies" : mode == UIO_ARENA ? "one mapping behind the IOMMU"
											       : "mappings behind the IOMMU");
}

void uio_dma_end(void)
{
	ioctl(fd, UIO_DMA_IOC_RESET, 0);
	ioctl(fd, UIO_DMA_IOC_STOP, 0);
}

/* What is mapped again before the device wrote to all of it keeps its rest, as with Linux's own bounce buffers. */
int uio_dma_map(void *cpu, unsigned long size, enum ddekit_dma_direction direction, int skip_sync, uint64_t *bus)
{
	struct uio_dma_op op = {
		.direction = direction,
		.flags = skip_sync ? UIO_DMA_SKIP_SYNC : direction == DDEKIT_DMA_FROM_DEVICE ? UIO_DMA_MAP_KEEP
											     : 0,
		.address = (uintptr_t)cpu,
		.length = size,
	};
	int err;

	ddekit__master_given();
	if (ddekit_dma_limits.reach == DDEKIT_DMA_MAPPED) {
		ddekit_dma_limits.reach = DDEKIT_DMA_ALL;
		*bus = (uintptr_t)cpu - DDEKIT_ARENA_OFFSET + ddekit_dma_limits.offset;
		return 0;
	}
	err = map(&op);
	*bus = op.dma;
	return err;
}

void uio_dma_unmap(uint64_t bus, unsigned long size, enum ddekit_dma_direction direction, int skip_sync)
{
	struct uio_dma_op op = { .direction = direction, .flags = skip_sync ? UIO_DMA_SKIP_SYNC : 0, .dma = bus, .length = size };

	if (ioctl(fd, UIO_DMA_IOC_UNMAP, &op))
		ddekit__say("uio: %lu bytes at 0x%llx cannot be unmapped: %s", size, (unsigned long long)bus,
			    errno == ENOENT ? "not mapped so" : strerror(errno));
}

/* Coherent memory needs none and is no mapping (ENOENT). */
void uio_dma_sync(uint64_t bus, unsigned long size, int to_device)
{
	struct uio_dma_op op = { .dma = bus, .length = size };

	ioctl(fd, to_device ? UIO_DMA_IOC_SYNC_FOR_DEVICE : UIO_DMA_IOC_SYNC_FOR_CPU, &op);
}

/* Behind an IOMMU the device shares the memory itself, which is coherent on x86. */
int uio_dma_alloc(void *cpu, unsigned long size, uint64_t *bus)
{
	struct uio_dma_address address = { .address = (uintptr_t)cpu };
	int err;

	if (mode_of_module == UIO_DMA_MODE_ZEROCOPY)
		return uio_dma_map(cpu, size, DDEKIT_DMA_BIDIRECTIONAL, 1, bus);
	ddekit__master_given();
	if (mmap(cpu, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == cpu && !ioctl(fd, UIO_DMA_IOC_ADDRESS, &address)) {
		*bus = address.dma;
		ddekit__arena_lend(cpu, size);
		return 0;
	}
	err = -errno;
	ddekit__arena_restore(cpu, size);
	return err;
}

void uio_dma_free(void *cpu, unsigned long size, uint64_t bus)
{
	if (mode_of_module == UIO_DMA_MODE_ZEROCOPY)
		uio_dma_unmap(bus, size, DDEKIT_DMA_BIDIRECTIONAL, 1);
	else
		ddekit__arena_restore(cpu, size);
}

int uio_dma_width(unsigned int wanted)
{
	struct uio_dma_query q;
	int err;

	if (wanted >= bits)
		return 0;
	q = query();
	/* The arena is a mapping, too, until somebody uses it. */
	if (q.coherent || q.mappings > (ddekit_dma_limits.reach == DDEKIT_DMA_MAPPED) || ddekit_dma_limits.reach == DDEKIT_DMA_ALL)
		return -EBUSY;
	ddekit_dma_limits.reach = DDEKIT_DMA_GIVEN;
	bits = wanted;
	ioctl(fd, UIO_DMA_IOC_STOP, 0);
	err = start(UIO_DMA_START_NO_RESET);
	if (!err && q.state & UIO_DMA_STATE_MASTER)
		set_master(1);
	return err;
}
