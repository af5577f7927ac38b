/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupt numbers are Linux irq numbers: 16..23 the INTx lines, 24..62 message-signalled, one per device vector. */
#ifndef DDEKIT_IRQ_H
#define DDEKIT_IRQ_H

#define DDEKIT_IRQ_TIMER 1
#define DDEKIT_IRQ_CONTROL 2
#define DDEKIT_IRQ_PROGRAM 3
#define DDEKIT_IRQ_TAP 4
#define DDEKIT_IRQ_INTX_FIRST 16
#define DDEKIT_IRQ_INTX_LAST 23
#define DDEKIT_IRQ_MSI_FIRST 24
#define DDEKIT_IRQ_MSI_LAST 62
#define DDEKIT_IRQ_COUNT 64

/** Mark irq pending and wake the virtual CPU. Any thread, any signal handler. */
void ddekit_irq_raise(unsigned int irq);
/** Take the pending set (bit n = irq n). Holder of the virtual CPU only. */
unsigned long long ddekit_irq_fetch(void);
/** TSC when the irq was last raised: the start of its latency. */
unsigned long long ddekit_irq_seen(unsigned int irq);
/** Level-triggered lines: while masked a raised line does not become pending; unmask re-raises a line that is still high. */
void ddekit_irq_line_mask(unsigned int irq);
void ddekit_irq_line_unmask(unsigned int irq);
/** Look for device signals without blocking. */
void ddekit_irq_poll(void);
/** Block until something is pending. */
void ddekit_idle(void);
/** Called by the host inside a signal handler when delivery is allowed; set by the kernel side. */
extern void (*ddekit_irq_deliver)(void);

#endif
