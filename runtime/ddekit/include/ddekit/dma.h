/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a device sees of the arena. The back end says it once, before the kernel starts: either all of it at fixed bus addresses, or,
 * behind an IOMMU, only what is mapped at the time.
 */
#ifndef DDEKIT_DMA_H
#define DDEKIT_DMA_H

struct ddekit_dma_limits {
	unsigned long long offset; /* bus address minus physical address */
	int by_call; /* a page is the device's only between ddekit_dma_map() and ddekit_dma_unmap() */
};
extern struct ddekit_dma_limits ddekit_dma_limits;

/** Only where by_call: the device may use the memory from now on, however often it is mapped; 0 or -errno. */
int ddekit_dma_map(unsigned long long bus, unsigned long size);
void ddekit_dma_unmap(unsigned long long bus, unsigned long size);

#endif
