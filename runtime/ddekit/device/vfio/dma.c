// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arena behind the IOMMU. At once: bus addresses are the physical ones and stay so. By call: a page is there only while it is mapped,
 * so that whatever else the device touches the IOMMU refuses; VFIO takes away no part of what was mapped, so each page is a mapping.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <ddekit/arena.h>
#include <ddekit/dma.h>
#include <ddekit/exit_codes.h>
#include "device/master.h"
#include "device/vfio/vfio.h"
#include "host/log.h"
#include "host/options.h"

#define PAGE 4096UL

static int container = -1, page_by_page;
/* How many mappings hold a page. */
static uint16_t users[DDEKIT_ARENA_MAX / PAGE];

static int map(uint64_t phys, unsigned long size)
{
	struct vfio_iommu_type1_dma_map m = {
		.argsz = sizeof(m),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = phys + DDEKIT_ARENA_OFFSET,
		.iova = phys,
		.size = size,
	};

	return ioctl(container, VFIO_IOMMU_MAP_DMA, &m) ? -errno : 0;
}

static void unmap_page(uint64_t phys)
{
	struct vfio_iommu_type1_dma_unmap u = { .argsz = sizeof(u), .iova = phys, .size = PAGE };

	if (ioctl(container, VFIO_IOMMU_UNMAP_DMA, &u))
		ddekit__say("vfio: cannot take memory from the device: %s", strerror(errno));
}

static void unmap(uint64_t bus, unsigned long size)
{
	uint64_t at;

	for (at = bus & ~(PAGE - 1); at < bus + size; at += PAGE)
		if (!--users[(at - DDEKIT_ARENA_PHYS) / PAGE])
			unmap_page(at);
}

int vfio_dma_alloc(void *cpu, unsigned long size, uint64_t *bus)
{
	uint64_t first, at;
	int err;

	*bus = (uintptr_t)cpu - DDEKIT_ARENA_OFFSET;
	ddekit__master_given();
	if (!page_by_page) {
		ddekit_dma_limits.reach = DDEKIT_DMA_ALL;
		return 0;
	}
	first = *bus & ~(PAGE - 1);
	for (at = first; at < *bus + size; at += PAGE) {
		uint16_t *n = &users[(at - DDEKIT_ARENA_PHYS) / PAGE];

		err = *n == UINT16_MAX ? -EBUSY : *n ? 0
						     : map(at, PAGE);
		if (err) {
			unmap(first, at - first);
			return err;
		}
		++*n;
	}
	return 0;
}

void vfio_dma_free(void *cpu, unsigned long size, uint64_t bus)
{
	(void)cpu;
	unmap(bus, size);
}

int vfio_dma_map(void *cpu, unsigned long size, enum ddekit_dma_direction direction, int skip_sync, uint64_t *bus)
{
	(void)direction;
	(void)skip_sync;
	return vfio_dma_alloc(cpu, size, bus);
}

void vfio_dma_unmap(uint64_t bus, unsigned long size, enum ddekit_dma_direction direction, int skip_sync)
{
	(void)direction;
	(void)skip_sync;
	unmap(bus, size);
}

void vfio_dma_init(int fd, int by_call)
{
	int err;

	container = fd;
	/* With all of it mapped only the first time is of interest. */
	ddekit_dma_limits.reach = DDEKIT_DMA_MAPPED;
	page_by_page = by_call;
	if (by_call)
		return;
	err = map(DDEKIT_ARENA_PHYS, ddekit__options.memory);
	if (err)
		ddekit__die(DDEKIT_EXIT_BACKEND, "cannot give %lu MiB of memory to the device: %s%s", ddekit__options.memory >> 20,
			    strerror(-err), err == -ENOMEM ? " (`ulimit -l` bounds it)" : "");
}
