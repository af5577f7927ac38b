/* SPDX-License-Identifier: GPL-2.0-only */
/* Claimed BARs. */
#ifndef ARCH_DDE_REGIONS_H
#define ARCH_DDE_REGIONS_H
#include <linux/types.h>

struct pci_dev;
/** The driver claims @object (a device or the start of a region) at @caller. */
void dde_region_requested(unsigned long object, u32 caller);
/** BARs of a device without driver that are still claimed. Prints and reports each; returns how many. */
unsigned int dde_regions_report_leaks(struct pci_dev *pdev);
#endif
