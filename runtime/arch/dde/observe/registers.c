// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for nothing in arch/: the device and BAR that an address belongs to. Asked only while accesses are recorded. */
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/pci.h>

#include "registers.h"

struct bar_range {
	unsigned long start, end;
	u16 bdf;
	u8 bar;
	bool valid;
};

static struct bar_range look(unsigned long addr)
{
	struct pci_dev *dev = NULL;
	int i;

	for_each_pci_dev(dev) {
		for (i = 0; i < PCI_STD_NUM_BARS; i++) {
			const struct resource *r = &dev->resource[i];
			struct bar_range found = { r->start, r->end, pci_dev_id(dev), i, true };

			if (!(r->flags & (IORESOURCE_MEM | IORESOURCE_IO)) || addr < r->start || addr > r->end)
				continue;
			pci_dev_put(dev);
			return found;
		}
	}
	return (struct bar_range){ 0 };
}

/* The last answer, whole: an interrupt's accesses come in between. */
static struct bar_range last;

struct dde_register dde_register_at(unsigned long addr)
{
	unsigned long flags;
	struct bar_range r;

	raw_local_irq_save(flags);
	r = last;
	raw_local_irq_restore(flags);
	if (!r.valid || addr < r.start || addr > r.end) {
		r = look(addr);
		if (!r.valid)
			return (struct dde_register){ .offset = addr, .bar = 0xff };
		raw_local_irq_save(flags);
		last = r;
		raw_local_irq_restore(flags);
	}
	return (struct dde_register){ .offset = addr - r.start, .bdf = r.bdf, .bar = r.bar };
}

/* A device that goes, or gets other addresses on the way to a driver, makes the last answer wrong. */
static int on_bus(struct notifier_block *nb, unsigned long action, void *device)
{
	last.valid = false;
	return NOTIFY_DONE;
}
static struct notifier_block bus_block = { .notifier_call = on_bus };

static int __init registers_init(void)
{
	return bus_register_notifier(&pci_bus_type, &bus_block);
}
arch_initcall(registers_init);
