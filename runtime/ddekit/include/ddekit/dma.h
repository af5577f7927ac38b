/* SPDX-License-Identifier: GPL-2.0-only */
/* What a device sees of the arena, and where. The back end says it once, before the kernel starts. */
#ifndef DDEKIT_DMA_H
#define DDEKIT_DMA_H

enum ddekit_dma_reach {
	DDEKIT_DMA_ALL, /* all of the arena, at fixed bus addresses; nothing below is called */
	DDEKIT_DMA_MAPPED, /* the same addresses, but only what is mapped at the time (an IOMMU) */
	DDEKIT_DMA_GIVEN, /* what is mapped at the time, at addresses that the back end gives, perhaps as a copy */
};

struct ddekit_dma_limits {
	unsigned long long offset; /* bus address minus physical address, where they are fixed */
	enum ddekit_dma_reach reach;
};
extern struct ddekit_dma_limits ddekit_dma_limits;

/* As Linux numbers them (enum dma_data_direction). */
enum ddekit_dma_direction { DDEKIT_DMA_BIDIRECTIONAL,
			    DDEKIT_DMA_TO_DEVICE,
			    DDEKIT_DMA_FROM_DEVICE };

/**
 * The device may use the memory from now on, however often it is mapped; 0 or -errno. @bus: its address there. @skip_sync: the driver
 * syncs what it needs by itself (DMA_ATTR_SKIP_CPU_SYNC), at unmap too.
 */
int ddekit_dma_map(void *cpu, unsigned long size, enum ddekit_dma_direction direction, int skip_sync, unsigned long long *bus);
void ddekit_dma_unmap(unsigned long long bus, unsigned long size, enum ddekit_dma_direction direction, int skip_sync);
/** A part of a mapping is the device's (@to_device) or the CPU's. */
void ddekit_dma_sync(unsigned long long bus, unsigned long size, int to_device);
/** Coherent memory in place of these whole pages of the arena, zeroed, until it is freed; 0 or -errno. */
int ddekit_dma_alloc(void *cpu, unsigned long size, unsigned long long *bus);
void ddekit_dma_free(void *cpu, unsigned long size, unsigned long long bus);
/** From now on addresses of so many bits at most are given (DDEKIT_DMA_GIVEN); 0 or -errno. */
int ddekit_dma_width(unsigned int bits);

#endif
