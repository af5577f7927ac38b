// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for nothing in arch/: who requested which interrupt, and what is still requested when the driver is gone. */
#include <linux/interrupt.h>
#include <linux/irqdesc.h>
#include <linux/kernel.h>
#include <ddekit/irq.h>
#include <ddet/ddetrace.h>

#include "../observe/result.h"
#include "interrupts.h"

/* In recorded runs only. */
static u32 callers[DDEKIT_IRQ_COUNT];

void dde_irq_requested(unsigned long irq, u32 caller)
{
	if (irq < ARRAY_SIZE(callers))
		callers[irq] = caller;
}

unsigned int dde_irqs_report_leaks(void)
{
	unsigned int irq, n = 0;
	char name[64];

	for (irq = DDEKIT_IRQ_INTX_FIRST; irq < DDEKIT_IRQ_COUNT; irq++) {
		struct irq_desc *desc = irq_to_desc(irq);

		if (!desc || !desc->action)
			continue;
		n++;
		pr_warn("dde: leak: interrupt %u ('%s') is still requested\n", irq, desc->action->name);
		dde_result("{\"type\":\"leak\",\"kind\":\"irq\",\"irq\":%u,\"name\":\"%s\"}", irq,
			   dde_json(name, sizeof(name), desc->action->name));
		ddet_leak(DDET_LEAK_IRQ, callers[irq], irq, 0);
	}
	return n;
}
