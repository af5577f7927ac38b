/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/irqflags.h: the interrupt flag is a variable, no syscall; enabling delivers. */
#ifndef _ASM_DDE_IRQFLAGS_H
#define _ASM_DDE_IRQFLAGS_H
#ifndef __ASSEMBLY__
#include <linux/compiler.h>
#include <ddekit/cpu.h>

void dde_irqs_deliver(void);

#define ARCH_IRQ_DISABLED 0UL
#define ARCH_IRQ_ENABLED 1UL

static __always_inline unsigned long arch_local_save_flags(void)
{
	return ddekit_cpu.irqs_on;
}
#define arch_local_save_flags arch_local_save_flags

/* Where a module's code switched interrupts off; see asm/preempt.h. */
extern unsigned int dde_irqs_off_at;
#ifdef MODULE
#define DDE_IRQS_OFF_HERE() asm volatile("movl $1f, %0\n1:" : "=m"(dde_irqs_off_at))
#define DDE_IRQS_ON_HERE(flags)              \
	do {                                 \
		if (flags)                   \
			dde_irqs_off_at = 0; \
	} while (0)
#else
#define DDE_IRQS_OFF_HERE() do { } while (0)
#define DDE_IRQS_ON_HERE(flags) do { } while (0)
#endif

static __always_inline void arch_local_irq_restore(unsigned long flags)
{
	barrier();
	DDE_IRQS_ON_HERE(flags);
	ddekit_cpu.irqs_on = flags;
	barrier();
	if (flags && unlikely(ddekit_cpu.irq_pending))
		dde_irqs_deliver();
}
#define arch_local_irq_restore arch_local_irq_restore

static __always_inline void arch_local_irq_disable(void)
{
	ddekit_cpu.irqs_on = 0;
	barrier();
	DDE_IRQS_OFF_HERE();
}
#define arch_local_irq_disable arch_local_irq_disable

#include <asm-generic/irqflags.h>
#endif
#endif
