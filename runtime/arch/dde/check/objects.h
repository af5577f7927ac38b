/* SPDX-License-Identifier: GPL-2.0-only */
/* What the driver registered, started or took a reference of, and has not ended. Recorded runs only. */
#ifndef ARCH_DDE_OBJECTS_H
#define ARCH_DDE_OBJECTS_H
#include <linux/types.h>

struct dde_guard_regs;
struct pci_dev;
/** A guarded call may end something (before the call), or has made something (after it). @what: the guard's word of tables/guards.txt. */
void dde_object_ends(u64 what, const struct dde_guard_regs *r);
void dde_object_made(u64 what, const struct dde_guard_regs *r, u32 caller);
/** How many there are. */
unsigned int dde_objects_live(void);
/** Prints and reports each of them. */
void dde_objects_report_leaks(void);
/** The same for devices that are still enabled, bus masters, or have interrupt vectors. */
void dde_states_report_leaks(struct pci_dev **devices, unsigned int count);
#endif
