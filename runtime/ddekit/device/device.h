/* SPDX-License-Identifier: GPL-2.0-only */
/* The back end: config space, BARs, ports, and how interrupts come. All are called by the runner, but for start() and stop(). */
#ifndef DDEKIT_DEVICE_H
#define DDEKIT_DEVICE_H

#include <stdint.h>

#include <ddekit/pci.h>

struct ddekit_device_ops {
	const char *name;
	/* Finds the device, registers its sources of events (event/) and its end (end/exit.h); ends the process when it cannot. */
	void (*start)(void);
	unsigned int (*config_read)(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size);
	void (*config_write)(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size, unsigned int v);
	uint64_t (*mmio_read)(unsigned long addr, unsigned int size);
	void (*mmio_write)(unsigned long addr, unsigned int size, uint64_t v);
	unsigned int (*pio_read)(unsigned int port, unsigned int size);
	void (*pio_write)(unsigned int port, unsigned int size, unsigned int v);
	unsigned int (*intx_irq)(unsigned int slot, unsigned int pin);
	void (*msi_message)(unsigned int irq, unsigned long long *address, unsigned int *data);
	void (*windows)(struct ddekit_pci_windows *w);
};
extern const struct ddekit_device_ops ddekit__qemu_ops;
extern struct ddekit_pci_counters ddekit__pci_count;

/** From now on the kernel side's accesses go to this back end. */
void ddekit__device_use(const struct ddekit_device_ops *ops);

#endif
