// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for do_one_initcall()'s and lockdep_sys_exit()'s checks, for the functions of the driver: a lock that is still held, preemption
 * or interrupts that are still off. Spinlocks are no code on one virtual CPU: of them only the count is known, and the function. Linux
 * itself looks behind timers, softirqs and interrupt handlers.
 */
#include <linux/kernel.h>
#include <ddet/ddetrace.h>

#include "../observe/locks.h"
#include "driver.h"
#include "left.h"

/* Of its own: a debugger stops where the event's code begins, and a compiler would move parts of that before the conditions. */
static noinline void tell(unsigned int kind, unsigned int place, unsigned int what, unsigned int more, unsigned int other)
{
	ddet_misuse(kind, place, what, more, other);
}

void dde_left_check(struct dde_context before, unsigned long function)
{
	struct dde_context now = dde_context_now();
	const void *lock;
	u32 caller;

	while ((caller = dde_lock_left(dde_in_driver, &lock)))
		tell(DDET_MISUSE_LOCK_LEFT, caller, (unsigned long)lock, 0, function ? function + 1 : 0);
	if (now.count == before.count && now.irqs_off == before.irqs_off)
		return;
	pr_err("dde: the driver's function returned with preempt_count %#x, interrupts %s; it was called with %#x, %s\n", now.count,
	       now.irqs_off ? "off" : "on", before.count, before.irqs_off ? "off" : "on");
	/* The place is the function's, the return address one behind its first instruction. */
	tell(DDET_MISUSE_ATOMIC_LEFT, function ? function + 1 : 0, now.count, now.irqs_off && !before.irqs_off, 0);
	preempt_count_set(before.count);
	if (now.irqs_off && !before.irqs_off)
		local_irq_enable();
}
