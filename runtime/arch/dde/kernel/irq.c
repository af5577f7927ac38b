// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for arch/x86/kernel/irq.c and the I/O APIC's chip: delivers what DDEKit marked pending.
 * Differs from Linux in that there is no exception entry: delivery is a call, made wherever the interrupt flag is set, after
 * device accesses, in delays, in idle, and from a signal handler while the flag is on. Softirqs run at interrupt exit, in place.
 */
#include <linux/hardirq.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <asm/irq_regs.h>
#include <ddekit/cpu.h>
#include <ddekit/irq.h>
#include <ddet/ddetrace.h>

#include "../check/strays.h"
#include "../observe/probes.h"
#include "dde.h"

static struct pt_regs no_regs;

static void line_mask(struct irq_data *d)
{
	ddet_irq_mask(d->irq);
	ddekit_irq_line_mask(d->irq);
}

static void line_unmask(struct irq_data *d)
{
	ddet_irq_unmask(d->irq);
	ddekit_irq_line_unmask(d->irq);
}

static struct irq_chip line_chip = {
	.name = "dde-intx",
	.irq_mask = line_mask,
	.irq_unmask = line_unmask,
};

void __init init_IRQ(void)
{
	unsigned int irq;

	for (irq = DDEKIT_IRQ_INTX_FIRST; irq <= DDEKIT_IRQ_INTX_LAST; irq++) {
		irq_set_chip_and_handler(irq, &line_chip, handle_level_irq);
		irq_set_status_flags(irq, IRQ_LEVEL);
	}
	ddekit_irq_deliver = dde_irqs_deliver;
}

static void deliver_one(unsigned int irq)
{
	if (irq == DDEKIT_IRQ_TIMER) {
		/* A thread that computes without touching the device looks at its vectors nowhere else. */
		ddekit_irq_poll();
		dde_timer_irq();
		dde_trace_poll();
	} else if (irq == DDEKIT_IRQ_CONTROL) {
		dde_trace_poll();
		dde_strays_tell();
		if (dde_program)
			dde_program->control();
	} else if (irq == DDEKIT_IRQ_PROGRAM) {
		if (dde_program)
			dde_program->called();
	} else {
		generic_handle_irq(irq);
	}
}

void dde_irqs_deliver(void)
{
	struct pt_regs *old;
	u64 set;

	if (!ddekit_cpu.irqs_on || ddekit_cpu.in_host)
		return;
	raw_local_irq_disable();
	while ((set = ddekit_irq_fetch())) {
		lockdep_hardirqs_off(_THIS_IP_);
		irq_enter();
		/* Without registers the tick would skip update_process_times(). */
		old = set_irq_regs(&no_regs);
		while (set) {
			unsigned int irq = __ffs64(set);

			set &= set - 1;
			ddet_irq_deliver(irq, ddekit_irq_seen(irq));
			deliver_one(irq);
		}
		set_irq_regs(old);
		irq_exit();
		lockdep_hardirqs_on_prepare();
		lockdep_hardirqs_on(_THIS_IP_);
	}
	ddekit_cpu.irqs_on = 1;
	barrier();
	/* What came after the last fetch is seen by the next delivery point; do not leave it to the next tick. */
	if (unlikely(ddekit_cpu.irq_pending))
		dde_irqs_deliver();
}
EXPORT_SYMBOL(dde_irqs_deliver);
