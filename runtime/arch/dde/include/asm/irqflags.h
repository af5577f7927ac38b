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

static __always_inline void arch_local_irq_restore(unsigned long flags)
{
	barrier();
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
}
#define arch_local_irq_disable arch_local_irq_disable

#include <asm-generic/irqflags.h>
#endif
#endif
