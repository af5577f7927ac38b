/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PCI devices of the back end. Sizes are 1, 2, 4 or 8 bytes; addresses are bus addresses. A read waits for all posted
 * writes before it, as PCI does.
 */
#ifndef DDEKIT_PCI_H
#define DDEKIT_PCI_H

unsigned int ddekit_pci_config_read(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size);
void ddekit_pci_config_write(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size, unsigned int value);
unsigned long long ddekit_mmio_read(unsigned long addr, unsigned int size);
void ddekit_mmio_write(unsigned long addr, unsigned int size, unsigned long long value);
unsigned int ddekit_pio_read(unsigned int port, unsigned int size);
void ddekit_pio_write(unsigned int port, unsigned int size, unsigned int value);
/** The irq of an INTx pin (1..4) of a slot on the root bus. */
unsigned int ddekit_pci_intx_irq(unsigned int slot, unsigned int pin);

enum ddekit_msi_type {
	DDEKIT_MSI,
	DDEKIT_MSIX,
};
struct ddekit_msi_message {
	unsigned long long address;
	unsigned int data;
};
/**
 * From now on the device's vectors `vector`, `vector` + 1 ... raise irq, irq + 1 ...; what Linux is to write into the device for the
 * first of them goes to *m. 0 or -errno.
 */
int ddekit_pci_irq_setup(enum ddekit_msi_type type, unsigned int vector, unsigned int count, unsigned int irq,
			 struct ddekit_msi_message *m);
/** No longer. */
void ddekit_pci_irq_free(unsigned int irq, unsigned int count);
/** A vector is masked or unmasked, beside what Linux writes into the device: what comes meanwhile is raised at unmask. */
void ddekit_pci_irq_mask(unsigned int irq, int on);

struct ddekit_pci_windows {
	unsigned long mem_start, mem_end; /* non-prefetchable memory window given to Linux, inclusive */
	unsigned long io_start, io_end;
	unsigned int bus_last;
};
void ddekit_pci_windows(struct ddekit_pci_windows *w);

struct ddekit_stray {
	unsigned long long addr; /* bus address */
	int write;
};
/** Where a device reached for memory that is none: the next one, 0 when there is no more. DDEKIT_IRQ_CONTROL tells of them. */
int ddekit_pci_stray(struct ddekit_stray *s);

struct ddekit_pci_counters {
	unsigned long long mmio_reads, mmio_writes, posted, pio_reads, pio_writes, config_reads, config_writes;
};
void ddekit_pci_counters(struct ddekit_pci_counters *c);

#endif
