/* SPDX-License-Identifier: GPL-2.0-only */
/* What the runtime notices about a driver by itself; see guard.c. */
#ifndef ARCH_DDE_GUARD_H
#define ARCH_DDE_GUARD_H
#include <linux/types.h>

struct pci_dev;
/** True for an address in the code of the driver under test. */
bool dde_in_driver(unsigned long pc);
/** The innermost place in the driver that the running thread came from, a return address; 0 if there is none. */
u32 dde_driver_caller(void);
/** The same from a frame pointer on. */
u32 dde_driver_caller_from(unsigned long frame);
/** Where the driver requested an interrupt, 0 when that was not recorded. */
u32 dde_irq_caller(unsigned int irq);
/** What the driver allocated while bound (memory, pages, register mappings, skbs, network devices) and nobody freed; recorded runs only. */
unsigned int dde_memory_live(void);
/** Prints and reports each of them. */
void dde_memory_report_leaks(void);
/** BARs of a device without driver that are still claimed. Prints and reports each; returns how many. */
unsigned int dde_regions_report_leaks(struct pci_dev *pdev);
/** A recorder has switched the category `check` on or off. May sleep. */
void dde_guards_update(void);
#endif
