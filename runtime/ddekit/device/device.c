// SPDX-License-Identifier: GPL-2.0-only
/* Dispatch to the back end, with the counters that every run reports. */
#include <errno.h>
#include <string.h>

#include "device/device.h"
#include "host/cpu.h"

static const struct ddekit_device_ops *device;
struct ddekit_pci_counters ddekit__pci_count;
struct ddekit_dma_limits ddekit_dma_limits;

void ddekit__device_use(const struct ddekit_device_ops *ops)
{
	device = ops;
	device->memory();
}

void ddekit__device_start(void)
{
	device->start();
}

int ddekit_dma_map(void *cpu, unsigned long size, enum ddekit_dma_direction direction, int skip_sync, unsigned long long *bus)
{
	uint64_t at = 0;
	int err;

	ddekit__enter();
	err = device->dma_map(cpu, size, direction, skip_sync, &at);
	ddekit__leave();
	*bus = at;
	return err;
}

void ddekit_dma_unmap(unsigned long long bus, unsigned long size, enum ddekit_dma_direction direction, int skip_sync)
{
	ddekit__enter();
	device->dma_unmap(bus, size, direction, skip_sync);
	ddekit__leave();
}

void ddekit_dma_sync(unsigned long long bus, unsigned long size, int to_device)
{
	if (!device->dma_sync)
		return;
	ddekit__enter();
	device->dma_sync(bus, size, to_device);
	ddekit__leave();
}

int ddekit_dma_alloc(void *cpu, unsigned long size, unsigned long long *bus)
{
	uint64_t at = 0;
	int err;

	ddekit__enter();
	err = device->dma_alloc(cpu, size, &at);
	ddekit__leave();
	*bus = at;
	return err;
}

void ddekit_dma_free(void *cpu, unsigned long size, unsigned long long bus)
{
	ddekit__enter();
	device->dma_free(cpu, size, bus);
	ddekit__leave();
}

int ddekit_dma_width(unsigned int bits)
{
	int err;

	if (!device->dma_width)
		return -EIO;
	ddekit__enter();
	err = device->dma_width(bits);
	ddekit__leave();
	return err;
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

int ddekit_pci_irq_setup(enum ddekit_msi_type type, unsigned int vector, unsigned int count, unsigned int irq,
			 struct ddekit_msi_message *m)
{
	int err;

	ddekit__enter();
	err = device->irq_setup(type, vector, count, irq, m);
	ddekit__leave();
	return err;
}

void ddekit_pci_irq_free(unsigned int irq, unsigned int count)
{
	if (!device->irq_free)
		return;
	ddekit__enter();
	device->irq_free(irq, count);
	ddekit__leave();
}

void ddekit_pci_irq_mask(unsigned int irq, int on)
{
	if (!device->irq_mask)
		return;
	ddekit__enter();
	device->irq_mask(irq, on);
	ddekit__leave();
}

int ddekit_pci_stray(struct ddekit_stray *s)
{
	return device->stray && device->stray(s);
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
