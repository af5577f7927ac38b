/* SPDX-License-Identifier: GPL-2.0-only */
/* Requested interrupts. */
#ifndef ARCH_DDE_INTERRUPTS_H
#define ARCH_DDE_INTERRUPTS_H
#include <linux/types.h>

/** The driver requests @irq at @caller. */
void dde_irq_requested(unsigned long irq, u32 caller);
/** Interrupts that are still requested when the driver is gone. Prints and reports each; returns how many. */
unsigned int dde_irqs_report_leaks(void);
#endif
