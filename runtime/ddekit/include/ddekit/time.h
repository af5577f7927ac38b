/* SPDX-License-Identifier: GPL-2.0-only */
/* Monotonic time and one one-shot timer, which raises DDEKIT_IRQ_TIMER. */
#ifndef DDEKIT_TIME_H
#define DDEKIT_TIME_H

/**
 * Nanoseconds that a debugger has held the whole process: it adds the span of a stop before it lets the process go on (by the symbol's
 * address, all threads being stopped), and neither the kernel's time nor its timers see the stop. Nobody else writes it.
 */
extern volatile unsigned long long ddekit_stopped_ns;
/** Nanoseconds, CLOCK_MONOTONIC without ddekit_stopped_ns. */
unsigned long long ddekit_time_ns(void);
/** Nanoseconds since 1970. */
unsigned long long ddekit_wallclock_ns(void);
/** Raise DDEKIT_IRQ_TIMER at the given monotonic time; replaces an earlier deadline. 0 disarms. */
void ddekit_timer_set(unsigned long long deadline_ns);
/** Wait at least so many nanoseconds; delivers nothing itself. */
void ddekit_delay_ns(unsigned long long ns);

#endif
