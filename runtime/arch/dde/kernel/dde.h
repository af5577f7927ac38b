/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of arch/dde share among themselves. */
#ifndef ARCH_DDE_H
#define ARCH_DDE_H

#include <linux/dma-direction.h>
#include <linux/types.h>
#include <linux/irqflags.h>

struct device;
struct pci_dev;
struct net_device;

/** Deliver what is pending if the interrupt flag allows it. */
static __always_inline void dde_irqs_check(void)
{
	if (ddekit_cpu.irq_pending && ddekit_cpu.irqs_on)
		dde_irqs_deliver();
}

/** What runs as pid 1 after the kernel has booted: the workloads. Does not return to its caller's stack frame usefully. */
void dde_user_main(void);
/** Orderly end: unbind drivers, report leaks, exit. */
void dde_shutdown(int code) __noreturn;
/** printf-like JSON line to the result channel. */
void dde_result(const char *fmt, ...) __printf(1, 2);
/** The driver is asked to do something that must return ("probe", "remove"); ends the process with a report when it does not. */
void dde_stage_begin(const char *name);
void dde_stage_end(void);
/** Device interrupts, one JSON line. */
void dde_report_irqs(void);
void dde_report_counters(void);
/** Streaming and coherent DMA that is still mapped; prints and reports each; returns how many. */
unsigned int dde_dma_report_leaks(struct device *dev);
unsigned int dde_dma_live(void);
/** irq numbers of the message-signalled block. */
int dde_msi_alloc(unsigned int count);
void dde_msi_free(unsigned int irq, unsigned int count);
/** A line came on the control socket, or a stop was asked for. */
void dde_control_irq(void);
/** Notice that a recorder has changed something. Any context. */
void dde_trace_poll(void);
#endif
