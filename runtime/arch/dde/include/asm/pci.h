/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/pci.h. */
#ifndef _ASM_DDE_PCI_H
#define _ASM_DDE_PCI_H
#define PCIBIOS_MIN_IO 0x2000
#define PCIBIOS_MIN_MEM 0xc0000000
#define pcibios_assign_all_busses() 1
#include <linux/types.h>
static inline int pci_proc_domain(struct pci_bus *bus)
{
	return 0;
}
#endif
