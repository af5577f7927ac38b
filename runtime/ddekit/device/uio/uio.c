// SPDX-License-Identifier: GPL-2.0-only
/* Linux sees the device alone on bus 0, in the slot that it has on the machine, without MSI, which uio_pci_generic does not have. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stddef.h>

#include <ddekit/irq.h>
#include "device/bars.h"
#include "device/device.h"
#include "device/sysfs.h"
#include "device/uio/uio.h"
#include "end/exit.h"

static unsigned int slot;

static void uio_memory(void)
{
	static const char *const modes[] = { "copy", "zero-copy", "arena", NULL };
	const char *bdf;
	int mode;

	bdf = ddekit__sysfs_wanted(modes, &mode, &slot);
	ddekit__sysfs_bound("uio", bdf, "uio_pci_generic");
	uio_dma_init(bdf, mode);
	/* After the reset, and in this order: the last one who closes /dev/uioN takes bus mastering away. */
	uio_irq_open(bdf);
	uio_config_init(bdf);
}

static void uio_start(void)
{
	uio_irq_start();
	ddekit__at_exit(uio_dma_end);
}

static unsigned int config_read(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size)
{
	if (bus || devfn != slot << 3)
		return size == 4 ? ~0U : (1U << (8 * size)) - 1;
	return uio_config(reg, size);
}

static void config_write(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size, unsigned int v)
{
	if (!bus && devfn == slot << 3)
		uio_config_write(reg, size, v);
}

static unsigned int intx_irq(unsigned int of_slot, unsigned int pin)
{
	(void)of_slot;
	(void)pin;
	return DDEKIT_IRQ_INTX_FIRST;
}

static int irq_setup(enum ddekit_msi_type type, unsigned int vector, unsigned int count, unsigned int irq, struct ddekit_msi_message *m)
{
	(void)type;
	(void)vector;
	(void)count;
	(void)irq;
	(void)m;
	return -ENODEV;
}

static void windows(struct ddekit_pci_windows *w)
{
	*w = (struct ddekit_pci_windows){ .mem_start = 0xc0000000, .mem_end = 0xfdffffff, .io_start = 0x2000, .io_end = 0xffff };
}

const struct ddekit_device_ops ddekit__uio_ops = {
	.name = "uio",
	.memory = uio_memory,
	.start = uio_start,
	.config_read = config_read,
	.config_write = config_write,
	.mmio_read = ddekit__bar_read,
	.mmio_write = ddekit__bar_write,
	.pio_read = ddekit__bar_in,
	.pio_write = ddekit__bar_out,
	.intx_irq = intx_irq,
	.irq_setup = irq_setup,
	.windows = windows,
	.dma_map = uio_dma_map,
	.dma_unmap = uio_dma_unmap,
	.dma_sync = uio_dma_sync,
	.dma_alloc = uio_dma_alloc,
	.dma_free = uio_dma_free,
	.dma_width = uio_dma_width,
};
