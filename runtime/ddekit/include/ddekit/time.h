/* SPDX-License-Identifier: GPL-2.0-only */
/* Monotonic time and one one-shot timer, which raises DDEKIT_IRQ_TIMER. */
#ifndef DDEKIT_TIME_H
#define DDEKIT_TIME_H

/** Nanoseconds, CLOCK_MONOTONIC. */
unsigned long long ddekit_time_ns(void);
/** Nanoseconds since 1970. */
unsigned long long ddekit_wallclock_ns(void);
/** Raise DDEKIT_IRQ_TIMER at the given monotonic time; replaces an earlier deadline. 0 disarms. */
void ddekit_timer_set(unsigned long long deadline_ns);
/** Wait at least so many nanoseconds; delivers nothing itself. */
void ddekit_delay_ns(unsigned long long ns);

#endif
