// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for tracing/irqsoff and preemptoff: a driver that waits busily in an interrupt, a timer or with a lock held stops all else on
 * its CPU. mdelay() is a loop of udelay(1000), and a loop that polls waits in small steps: delays at one place that follow each other
 * closely are one. Only what was asked for counts, not what the host took. Any context.
 */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/time64.h>
#include <ddekit/time.h>
#include <ddet/ddetrace.h>

#include "delays.h"

/* Documentation/timers/timers-howto.rst: beyond 10 ms one sleeps. What drivers of the tree wait for with a lock held is at most that. */
#define LONG_NS (10 * NSEC_PER_MSEC)
#define GAP_NS (500 * NSEC_PER_USEC)

static struct {
	u32 caller, context;
	u64 sum, end;
	bool told;
} last;

static u64 length(unsigned long function, unsigned long argument)
{
	if (function == (unsigned long)__udelay)
		return argument * NSEC_PER_USEC;
	if (function == (unsigned long)__const_udelay)
		return ((u64)argument * 1000000000ULL) >> 32;
	return argument;
}

void dde_delay(unsigned long function, unsigned long argument, u32 context, u32 caller)
{
	u64 now = ddekit_time_ns(), ns = length(function, argument);
	unsigned long flags;
	u32 sum = 0;

	raw_local_irq_save(flags);
	if (last.caller != caller || last.context != context || now > last.end + GAP_NS) {
		last.caller = caller;
		last.context = context;
		last.sum = 0;
		last.told = false;
	}
	last.sum += ns;
	last.end = now + ns;
	if (last.sum > LONG_NS && !last.told) {
		last.told = true;
		sum = div_u64(last.sum, NSEC_PER_USEC);
	}
	raw_local_irq_restore(flags);
	if (sum)
		ddet_misuse(DDET_MISUSE_LONG_DELAY, caller, context, sum, 0);
}
