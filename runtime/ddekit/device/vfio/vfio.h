/* SPDX-License-Identifier: GPL-2.0-only */
/* A PCI device of this machine that is bound to vfio-pci. One a process; called by the runner, but for the two beginnings. */
#ifndef DDEKIT_VFIO_H
#define DDEKIT_VFIO_H
#include <stddef.h>
#include <stdint.h>

#include <ddekit/dma.h>
#include <ddekit/pci.h>

struct vfio_region {
	uint64_t offset, size; /* offset: in the device's descriptor */
	int can_map;
};

extern int vfio_device;
/** One of linux/vfio.h's indices; its size is 0 when the device has none. */
struct vfio_region vfio_region(unsigned int index);
/** Little-endian, of the device's config space as VFIO shows it. */
unsigned int vfio_config(unsigned int reg, unsigned int size);

/** Gives the arena to the device: all of it, or page by page with `by_call`. */
void vfio_dma_init(int container, int by_call);
int vfio_dma_map(void *cpu, unsigned long size, enum ddekit_dma_direction direction, int skip_sync, uint64_t *bus);
void vfio_dma_unmap(uint64_t bus, unsigned long size, enum ddekit_dma_direction direction, int skip_sync);
int vfio_dma_alloc(void *cpu, unsigned long size, uint64_t *bus);
void vfio_dma_free(void *cpu, unsigned long size, uint64_t bus);

/** Tells device/bars.h of them. */
void vfio_bars_init(void);

void vfio_irqs_init(void);
int vfio_irq_setup(enum ddekit_msi_type type, unsigned int vector, unsigned int count, unsigned int irq, struct ddekit_msi_message *m);
void vfio_irq_free(unsigned int irq, unsigned int count);
#endif
