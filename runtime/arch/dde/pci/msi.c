// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for arch/x86/kernel/apic/msi.c: MSI and MSI-X. Each vector is a host event whose number is the Linux irq number;
 * the back end says which address and data make it. Called with the MSI descriptor mutex held.
 */
#include <linux/bitmap.h>
#include <linux/irq.h>
#include <linux/log2.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <ddekit/irq.h>
#include <ddekit/pci.h>
#include <ddet/ddetrace.h>

#include "../kernel/dde.h"

static DECLARE_BITMAP(used, DDEKIT_IRQ_COUNT);

static void vector_mask(struct irq_data *d)
{
	ddet_irq_mask(d->irq);
	pci_msi_mask_irq(d);
	ddekit_pci_irq_mask(d->irq, 1);
}

static void vector_unmask(struct irq_data *d)
{
	ddet_irq_unmask(d->irq);
	pci_msi_unmask_irq(d);
	ddekit_pci_irq_mask(d->irq, 0);
}

static void vector_ack(struct irq_data *d)
{
}

/* An edge that came while the interrupt was disabled: Linux asks for it again when it is enabled. */
static int vector_retrigger(struct irq_data *d)
{
	ddekit_irq_raise(d->irq);
	return 1;
}

static struct irq_chip vector_chip = {
	.name = "dde-msi",
	.irq_ack = vector_ack,
	.irq_mask = vector_mask,
	.irq_unmask = vector_unmask,
	.irq_retrigger = vector_retrigger,
};

/* Multiple-message MSI puts the vector into the low bits of the data: the block must be aligned. */
int dde_msi_alloc(unsigned int count)
{
	unsigned int size = roundup_pow_of_two(count);
	unsigned long irq;

	irq = bitmap_find_next_zero_area(used, DDEKIT_IRQ_MSI_LAST + 1, DDEKIT_IRQ_MSI_FIRST, size, size - 1);
	if (irq + size > DDEKIT_IRQ_MSI_LAST + 1)
		return -ENOSPC;
	bitmap_set(used, irq, size);
	return irq;
}

void dde_msi_free(unsigned int irq, unsigned int count)
{
	bitmap_clear(used, irq, roundup_pow_of_two(count));
}

static int setup_one(struct msi_desc *desc, int type, unsigned int count)
{
	struct ddekit_msi_message m;
	struct msi_msg msg = { 0 };
	unsigned int i;
	int irq = dde_msi_alloc(count), err;

	if (irq < 0)
		return irq;
	err = ddekit_pci_irq_setup(type == PCI_CAP_ID_MSI ? DDEKIT_MSI : DDEKIT_MSIX, desc->msi_index, count, irq, &m);
	if (err) {
		dde_msi_free(irq, count);
		return err;
	}
	desc->nvec_used = count;
	for (i = 0; i < count; i++) {
		irq_set_msi_desc_off(irq, i, desc);
		irq_set_chip_and_handler_name(irq + i, &vector_chip, handle_edge_irq, "edge");
	}
	msg.address_lo = m.address;
	msg.address_hi = m.address >> 32;
	msg.data = m.data;
	pci_write_msi_msg(irq, &msg);
	return 0;
}

int arch_setup_msi_irqs(struct pci_dev *dev, int nvec, int type)
{
	struct msi_desc *desc;
	int ret;

	msi_for_each_desc(desc, &dev->dev, MSI_DESC_NOTASSOCIATED) {
		ret = setup_one(desc, type, type == PCI_CAP_ID_MSI ? nvec : 1);
		if (ret)
			return type == PCI_CAP_ID_MSI && nvec > 1 ? 1 : ret;
	}
	return 0;
}

void arch_teardown_msi_irqs(struct pci_dev *dev)
{
	struct msi_desc *desc;
	unsigned int i;

	msi_for_each_desc(desc, &dev->dev, MSI_DESC_ASSOCIATED) {
		for (i = 0; i < desc->nvec_used; i++) {
			irq_set_chip_and_handler(desc->irq + i, NULL, NULL);
			irq_set_msi_desc(desc->irq + i, NULL);
		}
		ddekit_pci_irq_free(desc->irq, desc->nvec_used);
		dde_msi_free(desc->irq, desc->nvec_used);
		desc->irq = 0; /* no longer associated: the core checks */
	}
}
