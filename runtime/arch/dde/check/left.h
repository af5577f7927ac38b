/* SPDX-License-Identifier: GPL-2.0-only */
/* What a function of the driver may not leave behind when it returns. See left.c. */
#ifndef ARCH_DDE_LEFT_H
#define ARCH_DDE_LEFT_H
#include <linux/irqflags.h>
#include <linux/preempt.h>

struct dde_context {
	int count;
	bool irqs_off;
};

static inline struct dde_context dde_context_now(void)
{
	return (struct dde_context){ preempt_count(), irqs_disabled() };
}

/** Where in a module's code the context @context (a preempt_count()) or interrupts being off began; 0: elsewhere, or not known. */
u32 dde_atomic_place(u32 context);
/** @function: the driver's, its address (0: not known which); it returned. Tells of locks, preemption and interrupts that are not as they were, and mends it. */
void dde_left_check(struct dde_context before, unsigned long function);
#endif
