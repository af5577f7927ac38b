// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for arch/um/kernel/time.c: clocksource, one-shot clockevent, delays.
 * The idle tick stops (NO_HZ_IDLE); while the virtual CPU is busy the host's timer signal delivers the tick.
 */
#include <linux/clockchips.h>
#include <linux/clocksource.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/sched/clock.h>
#include <linux/timekeeping.h>
#include <ddekit/irq.h>
#include <ddekit/time.h>

#include "dde.h"

#define CLOCK_SHIFT 22

static u64 clock_read(struct clocksource *cs)
{
	return ddekit_time_ns();
}

static struct clocksource host_clock = {
	.name = "host",
	.rating = 400,
	.read = clock_read,
	.mask = CLOCKSOURCE_MASK(64),
	.mult = 1 << CLOCK_SHIFT, /* cycles are nanoseconds */
	.shift = CLOCK_SHIFT,
	.flags = CLOCK_SOURCE_IS_CONTINUOUS,
};

/* From the first: with jiffies, which stand still while the kernel starts, the wall clock would lag by that for ever. */
struct clocksource *__init clocksource_default_clock(void)
{
	return &host_clock;
}

static int event_set(unsigned long delta_ns, struct clock_event_device *evt)
{
	ddekit_timer_set(ddekit_time_ns() + delta_ns);
	return 0;
}

static int event_stop(struct clock_event_device *evt)
{
	ddekit_timer_set(0);
	return 0;
}

static struct clock_event_device host_event = {
	.name = "host",
	.features = CLOCK_EVT_FEAT_ONESHOT,
	.rating = 400,
	.set_next_event = event_set,
	.set_state_shutdown = event_stop,
	.set_state_oneshot_stopped = event_stop,
};

void dde_timer_irq(void)
{
	host_event.event_handler(&host_event);
}

void __init time_init(void)
{
	__clocksource_register(&host_clock);
	host_event.cpumask = cpumask_of(0);
	clockevents_config_and_register(&host_event, NSEC_PER_SEC, 2000, 4 * NSEC_PER_SEC);
}

unsigned long long notrace sched_clock(void)
{
	return ddekit_time_ns();
}

void read_persistent_clock64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(ddekit_wallclock_ns());
}

/* Calibrating a loop that is a host call would measure nothing. */
unsigned long calibrate_delay_is_known(void)
{
	return 4000000;
}

/* Long delays let interrupts in, as they do on hardware. */
static void delay_ns(u64 ns)
{
	u64 end = ddekit_time_ns() + ns;
	u64 left = ns;

	do {
		ddekit_delay_ns(min_t(u64, left, 50 * NSEC_PER_USEC));
		ddekit_irq_poll();
		dde_irqs_check();
		left = end - ddekit_time_ns();
	} while ((s64)left > 0);
}

void __ndelay(unsigned long ns)
{
	delay_ns(ns);
}
EXPORT_SYMBOL(__ndelay);

void __udelay(unsigned long us)
{
	delay_ns(us * 1000ULL);
}
EXPORT_SYMBOL(__udelay);

void __const_udelay(unsigned long xloops)
{
	/* asm-generic/delay.h: xloops = microseconds * 2^32 / 10^6 */
	delay_ns(((u64)xloops * 1000000000ULL) >> 32);
}
EXPORT_SYMBOL(__const_udelay);

void __delay(unsigned long loops)
{
	delay_ns(loops);
}
EXPORT_SYMBOL(__delay);
