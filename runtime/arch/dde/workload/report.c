// SPDX-License-Identifier: GPL-2.0-only
/* What every run reports about itself. Process context. */
#include <linux/interrupt.h>
#include <linux/irqdesc.h>
#include <linux/kernel.h>
#include <linux/kernel_stat.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <ddekit/irq.h>
#include <ddekit/pci.h>

#include "../check/mappings.h"
#include "workload.h"

/* Of all interrupts' text. */
#define SIZE 4096

void dde_report_irqs(void)
{
	unsigned int irq, n = 0;
	char *buf = kmalloc(SIZE, GFP_KERNEL);
	char name[64];
	int len = 0;

	for (irq = DDEKIT_IRQ_INTX_FIRST; buf && irq < DDEKIT_IRQ_COUNT; irq++) {
		struct irq_desc *desc = irq_to_desc(irq);

		if (!desc || !desc->action)
			continue;
		len += scnprintf(buf + len, SIZE - len, "%s{\"irq\":%u,\"name\":\"%s\",\"count\":%u}", n++ ? "," : "", irq,
				 dde_json(name, sizeof(name), desc->action->name), kstat_irqs_cpu(irq, 0));
	}
	if (buf)
		dde_result("{\"type\":\"irqs\",\"irqs\":[%s]}", buf);
	kfree(buf);
}

void dde_report_counters(void)
{
	struct ddekit_pci_counters c;

	ddekit_pci_counters(&c);
	dde_result("{\"type\":\"counters\",\"mmioReads\":%llu,\"mmioWrites\":%llu,\"posted\":%llu,\"pioReads\":%llu,\"pioWrites\":%llu,"
		   "\"configReads\":%llu,\"configWrites\":%llu,\"contextSwitches\":%llu,\"cpuNs\":%llu,\"dmaLive\":%u,\"uptimeMs\":%llu}",
		   c.mmio_reads, c.mmio_writes, c.posted, c.pio_reads, c.pio_writes, c.config_reads, c.config_writes,
		   nr_context_switches(), ddekit_cpu_time_ns(), dde_dma_live(), dde_uptime_ms());
}
