// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for do_one_initcall()'s and lockdep_sys_exit()'s checks, for the functions of the driver: a lock that is still held, preemption
 * or interrupts that are still off. Spinlocks are no code on one virtual CPU: of them the count is known, and where a module raised it
 * (asm/preempt.h). Linux itself looks behind timers, work items and softirqs, too, but does not tell the place.
 */
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <trace/events/timer.h>
#include <trace/events/workqueue.h>
#include <ddet/ddetrace.h>

#include "../observe/locks.h"
#include "../observe/probes.h"
#include "driver.h"
#include "left.h"

u32 dde_raised_at[2 * DDE_DEPTHS];
EXPORT_SYMBOL(dde_raised_at);
unsigned int dde_irqs_off_at;
EXPORT_SYMBOL(dde_irqs_off_at);

u32 dde_atomic_place(u32 context)
{
	u32 place = 0;

	if (context & (HARDIRQ_MASK | SOFTIRQ_OFFSET))
		return 0;
	if (context & PREEMPT_MASK)
		place = dde_raised_at[context % DDE_DEPTHS];
	if (!place && context & SOFTIRQ_MASK)
		place = dde_raised_at[DDE_SOFTIRQ_DEPTH(context)];
	if (!place && irqs_disabled())
		place = dde_irqs_off_at;
	return place && dde_in_driver(place) ? place : 0;
}

/* Of its own: a debugger stops where the event's code begins, and a compiler would move parts of that before the conditions. */
static noinline void tell(unsigned int kind, unsigned int place, unsigned int what, unsigned int more, unsigned int other)
{
	ddet_misuse(kind, place, what, more, other);
}

void dde_left_check(struct dde_context before, unsigned long function)
{
	struct dde_context now = dde_context_now();
	const void *lock;
	u32 caller, place;

	while ((caller = dde_lock_left(dde_in_driver, &lock)))
		tell(DDET_MISUSE_LOCK_LEFT, caller, (unsigned long)lock, 0, function ? function + 1 : 0);
	if (now.count == before.count && now.irqs_off == before.irqs_off)
		return;
	pr_err("dde: the driver's function returned with preempt_count %#x, interrupts %s; it was called with %#x, %s\n", now.count,
	       now.irqs_off ? "off" : "on", before.count, before.irqs_off ? "off" : "on");
	/* The place is the function's, the return address one behind its first instruction. */
	place = dde_atomic_place(now.count - before.count);
	tell(DDET_MISUSE_ATOMIC_LEFT, place ?: function ? function + 1
							: 0,
	     now.count, now.irqs_off && !before.irqs_off,
	     place && function ? function + 1 : 0);
	preempt_count_set(before.count);
	if (now.irqs_off && !before.irqs_off)
		local_irq_enable();
}

/*
 * What began before it: a tracepoint raises the count itself. Timers run one after the other, work items of several threads all begin with
 * the same.
 */
static struct dde_context before_work, before_timer, before_hrtimer;
static unsigned long timer_function, hrtimer_function;

static void on_workqueue_execute_start(void *data, struct work_struct *work)
{
	before_work = dde_context_now();
}

static void on_workqueue_execute_end(void *data, struct work_struct *work, work_func_t function)
{
	if (before_work.count && dde_in_driver((unsigned long)function))
		dde_left_check(before_work, (unsigned long)function);
}

static void on_timer_expire_entry(void *data, struct timer_list *timer, unsigned long base)
{
	timer_function = (unsigned long)timer->function;
	before_timer = dde_context_now();
}

/* The timer itself may be freed. */
static void on_timer_expire_exit(void *data, struct timer_list *timer)
{
	if (timer_function && dde_in_driver(timer_function))
		dde_left_check(before_timer, timer_function);
	timer_function = 0;
}

static void on_hrtimer_expire_entry(void *data, struct hrtimer *timer, ktime_t *now)
{
	hrtimer_function = (unsigned long)timer->function;
	before_hrtimer = dde_context_now();
}

static void on_hrtimer_expire_exit(void *data, struct hrtimer *timer)
{
	if (hrtimer_function && dde_in_driver(hrtimer_function))
		dde_left_check(before_hrtimer, hrtimer_function);
	hrtimer_function = 0;
}

/* clang-format off */
#define EVENTS(X) \
	X(DDET_CAT_CHECK, workqueue_execute_start) \
	X(DDET_CAT_CHECK, workqueue_execute_end) \
	X(DDET_CAT_CHECK, timer_expire_entry) \
	X(DDET_CAT_CHECK, timer_expire_exit) \
	X(DDET_CAT_CHECK, hrtimer_expire_entry) \
	X(DDET_CAT_CHECK, hrtimer_expire_exit)
/* clang-format on */
DDE_PROBES(EVENTS);
