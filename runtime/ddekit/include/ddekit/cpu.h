/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual CPU: its interrupt flag and its state as both sides see them. Only the thread that holds the virtual CPU
 * writes irqs_on and in_host; irq_pending is set by any host thread or signal handler and read without a lock.
 */
#ifndef DDEKIT_CPU_H
#define DDEKIT_CPU_H

struct ddekit_cpu {
	volatile unsigned long irqs_on; /* 1: interrupts may be delivered */
	volatile int irq_pending;       /* hint: ddekit_irq_fetch() may return something */
	volatile int in_host;           /* >0: inside DDEKit code that is not re-entrant; a signal only marks */
	volatile unsigned long yields;  /* counts hand-offs and idle periods; the watchdog looks at it */
};
extern struct ddekit_cpu ddekit_cpu;

#endif
