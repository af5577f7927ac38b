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
/** Where a message-signalled interrupt with irq number `irq` must be written, and what. */
void ddekit_pci_msi_message(unsigned int irq, unsigned long long *address, unsigned int *data);

struct ddekit_pci_windows {
	unsigned long mem_start, mem_end; /* non-prefetchable memory window given to Linux, inclusive */
	unsigned long io_start, io_end;
	unsigned int bus_last;
};
void ddekit_pci_windows(struct ddekit_pci_windows *w);

struct ddekit_pci_counters {
	unsigned long long mmio_reads, mmio_writes, posted, pio_reads, pio_writes, config_reads, config_writes;
};
void ddekit_pci_counters(struct ddekit_pci_counters *c);

#endif
