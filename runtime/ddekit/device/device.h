/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The back end: memory that the device reaches, config space, BARs, ports, and how interrupts come. All are called by the runner, but for
 * memory() and start().
 */
#ifndef DDEKIT_DEVICE_H
#define DDEKIT_DEVICE_H

#include <stdint.h>

#include <ddekit/dma.h>
#include <ddekit/pci.h>

struct ddekit_device_ops {
	const char *name;
	/* Maps the arena (host/memory.h); before there is anything else, as the tracer and the crash handler want to be told of failures. */
	void (*memory)(void);
	/* Finds the device, registers its sources of events (event/) and its end (end/exit.h); ends the process when it cannot. */
	void (*start)(void);
	unsigned int (*config_read)(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size);
	void (*config_write)(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size, unsigned int v);
	uint64_t (*mmio_read)(unsigned long addr, unsigned int size);
	void (*mmio_write)(unsigned long addr, unsigned int size, uint64_t v);
	unsigned int (*pio_read)(unsigned int port, unsigned int size);
	void (*pio_write)(unsigned int port, unsigned int size, unsigned int v);
	unsigned int (*intx_irq)(unsigned int slot, unsigned int pin);
	/* ddekit/pci.h; irq_free and irq_mask may be NULL: what Linux writes into the device is enough. */
	int (*irq_setup)(enum ddekit_msi_type type, unsigned int vector, unsigned int count, unsigned int irq,
			 struct ddekit_msi_message *m);
	void (*irq_free)(unsigned int irq, unsigned int count);
	void (*irq_mask)(unsigned int irq, int on);
	void (*windows)(struct ddekit_pci_windows *w);
	/* ddekit/pci.h; NULL where nobody tells. */
	int (*stray)(struct ddekit_stray *s);
	/* ddekit/dma.h; NULL unless the limits say that they are called. */
	int (*dma_map)(void *cpu, unsigned long size, enum ddekit_dma_direction direction, int skip_sync, uint64_t *bus);
	void (*dma_unmap)(uint64_t bus, unsigned long size, enum ddekit_dma_direction direction, int skip_sync);
	int (*dma_alloc)(void *cpu, unsigned long size, uint64_t *bus);
	void (*dma_free)(void *cpu, unsigned long size, uint64_t bus);
	/* NULL where there is nothing to do. */
	void (*dma_sync)(uint64_t bus, unsigned long size, int to_device);
	int (*dma_width)(unsigned int bits);
};
extern const struct ddekit_device_ops ddekit__qemu_ops, ddekit__vfio_ops, ddekit__uio_ops;
extern struct ddekit_pci_counters ddekit__pci_count;

/** From now on the kernel side's accesses go to this back end, which gives the memory... */
void ddekit__device_use(const struct ddekit_device_ops *ops);
/** ... and, when all that it registers itself with is there, the device. */
void ddekit__device_start(void);

#endif
