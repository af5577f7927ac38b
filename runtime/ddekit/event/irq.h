/* SPDX-License-Identifier: GPL-2.0-only */
/* Where interrupts come from, for back ends. */
#ifndef DDEKIT_EVENT_IRQ_H
#define DDEKIT_EVENT_IRQ_H

void ddekit__irq_init(void);
/** Each event of an eventfd raises @irq; it is never read. */
void ddekit__irq_watch(int fd, unsigned int irq);
/** While such an @irq is masked an event waits; for devices that cannot be told to wait themselves. The runner only. */
void ddekit__irq_vector_mask(unsigned int irq, int on);
/** A level-triggered line of the device goes up (1) or down (0). The runner only. */
void ddekit__irq_line(unsigned int irq, int level);
/**
 * What a line's unmask does first, with @high while the line is up: a back end that is told of each level waits until all writes have
 * reached the device and the lines are up to date; one whose line stays closed after an interrupt opens it again.
 */
void ddekit__irq_unmask_by(void (*unmask)(unsigned int irq, int high));

#endif
