// SPDX-License-Identifier: GPL-2.0-only
/* Dispatch to the back end, with the counters that every run reports. */
#include <string.h>

#include "device/device.h"
#include "host/cpu.h"

static const struct ddekit_device_ops *device;
struct ddekit_pci_counters ddekit__pci_count;

void ddekit__device_use(const struct ddekit_device_ops *ops)
{
	device = ops;
	device->start();
}

unsigned int ddekit_pci_config_read(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size)
{
	unsigned int v;

	ddekit__enter();
	ddekit__pci_count.config_reads++;
	v = device->config_read(bus, devfn, reg, size);
	ddekit__leave();
	return v;
}

void ddekit_pci_config_write(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size, unsigned int value)
{
	ddekit__enter();
	ddekit__pci_count.config_writes++;
	device->config_write(bus, devfn, reg, size, value);
	ddekit__leave();
}

unsigned long long ddekit_mmio_read(unsigned long addr, unsigned int size)
{
	unsigned long long v;

	ddekit__enter();
	ddekit__pci_count.mmio_reads++;
	v = device->mmio_read(addr, size);
	ddekit__leave();
	return v;
}

void ddekit_mmio_write(unsigned long addr, unsigned int size, unsigned long long value)
{
	ddekit__enter();
	ddekit__pci_count.mmio_writes++;
	device->mmio_write(addr, size, value);
	ddekit__leave();
}

unsigned int ddekit_pio_read(unsigned int port, unsigned int size)
{
	unsigned int v;

	ddekit__enter();
	ddekit__pci_count.pio_reads++;
	v = device->pio_read(port, size);
	ddekit__leave();
	return v;
}

void ddekit_pio_write(unsigned int port, unsigned int size, unsigned int value)
{
	ddekit__enter();
	ddekit__pci_count.pio_writes++;
	device->pio_write(port, size, value);
	ddekit__leave();
}

unsigned int ddekit_pci_intx_irq(unsigned int slot, unsigned int pin)
{
	return device->intx_irq(slot, pin);
}

void ddekit_pci_msi_message(unsigned int irq, unsigned long long *address, unsigned int *data)
{
	device->msi_message(irq, address, data);
}

void ddekit_pci_windows(struct ddekit_pci_windows *w)
{
	memset(w, 0, sizeof(*w));
	device->windows(w);
}

void ddekit_pci_counters(struct ddekit_pci_counters *c)
{
	*c = ddekit__pci_count;
}
