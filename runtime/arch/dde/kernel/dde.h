/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of kernel/ and pci/ share, and what they ask of and offer to the rest of arch/dde. */
#ifndef ARCH_DDE_H
#define ARCH_DDE_H

#include <linux/irqflags.h>
#include <linux/types.h>

/** Deliver what is pending if the interrupt flag allows it. */
static __always_inline void dde_irqs_check(void)
{
	if (ddekit_cpu.irq_pending && ddekit_cpu.irqs_on)
		dde_irqs_deliver();
}

/* The "program" that pid 1 executes, for there is no user mode. */
struct dde_program {
	/** Runs once the kernel is up; does not return. */
	void (*main)(void);
	/** A line came on the control socket, or a stop was asked for. Interrupt context. */
	void (*control)(void);
	/** A program of the user has come, made a call, or ended (DDEKIT_IRQ_PROGRAM). Interrupt context. */
	void (*called)(void);
};
/** Set by early_initcall(), by who provides it. */
extern const struct dde_program *dde_program;

/** NULL, or walks a list for an address, as the first DDE did (cases/); returns the cost in TSC ticks. */
extern u32 (*dde_v2p_walk)(const void *addr);
/** The clockevent's interrupt. */
void dde_timer_irq(void);
/** irq numbers of the message-signalled block. */
int dde_msi_alloc(unsigned int count);
void dde_msi_free(unsigned int irq, unsigned int count);
#endif
