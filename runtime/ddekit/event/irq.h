/* SPDX-License-Identifier: GPL-2.0-only */
/* Where interrupts come from, for back ends. */
#ifndef DDEKIT_EVENT_IRQ_H
#define DDEKIT_EVENT_IRQ_H

void ddekit__irq_init(void);
/** Each event of an eventfd raises @irq; it is never read. */
void ddekit__irq_watch(int fd, unsigned int irq);
/** A level-triggered line of the device goes up (1) or down (0). The runner only. */
void ddekit__irq_line(unsigned int irq, int level);
/** What a line's unmask waits for: all writes have reached the device and the lines are up to date. */
void ddekit__irq_settle_by(void (*settle)(void));

#endif
