/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PCI device of this machine by UIO, as in the paper: registers and config space by sysfs, its interrupt line by uio_pci_generic, DMA by
 * the module in kmod/. One a process; called by the runner, but for the beginning.
 */
#ifndef DDEKIT_UIO_H
#define DDEKIT_UIO_H
#include <stdint.h>

#include <ddekit/dma.h>

enum uio_mode {
	UIO_COPY, /* section 4.1 */
	UIO_ZEROCOPY, /* section 4.2 */
	UIO_ARENA, /* zero-copy, all of the arena mapped once */
	UIO_ANY = -1, /* UIO_ARENA where the device has an IOMMU for itself, else UIO_COPY */
};

/** Opens config space and BARs; Linux sees these as nobody else's. */
void uio_config_init(const char *bdf);
unsigned int uio_config(unsigned int reg, unsigned int size);
void uio_config_write(unsigned int reg, unsigned int size, unsigned int v);
/** The interrupt line of the device is open again, unless Linux closed it. */
void uio_config_open_line(void);

/** Takes the device from all others and gives it nothing yet but, with UIO_ARENA, the arena. */
void uio_dma_init(const char *bdf, enum uio_mode mode);
/** Stops the device and takes all from it. */
void uio_dma_end(void);
int uio_dma_map(void *cpu, unsigned long size, enum ddekit_dma_direction direction, int skip_sync, uint64_t *bus);
void uio_dma_unmap(uint64_t bus, unsigned long size, enum ddekit_dma_direction direction, int skip_sync);
void uio_dma_sync(uint64_t bus, unsigned long size, int to_device);
int uio_dma_alloc(void *cpu, unsigned long size, uint64_t *bus);
void uio_dma_free(void *cpu, unsigned long size, uint64_t bus);
int uio_dma_width(unsigned int bits);

/** Opens /dev/uioN. */
void uio_irq_open(const char *bdf);
void uio_irq_start(void);
#endif
