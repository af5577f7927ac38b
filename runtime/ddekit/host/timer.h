/* SPDX-License-Identifier: GPL-2.0-only */
/* The one-shot timer behind ddekit_timer_set(). */
#ifndef DDEKIT_HOST_TIMER_H
#define DDEKIT_HOST_TIMER_H

/** @expired: the deadline is over; called in a signal handler, on any thread. */
void ddekit__timer_init(void (*expired)(void));
void ddekit__timer_stop(void);

#endif
