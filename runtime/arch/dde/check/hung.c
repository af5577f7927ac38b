// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for kernel/hung_task.c. A driver's probe or remove that waits for ever leaves an idle machine, which the watchdog of the virtual CPU takes for a
 * healthy one. Each stage therefore has a limit of its own; past it the process says where the thread waits, and ends.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/timer.h>
#include <ddekit/crash.h>
#include <ddekit/exit_codes.h>
#include <ddekit/host.h>
#include <ddekit/thread.h>

#include "hung.h"

/* Times the watchdog's limit: a device may take long to reset, and drivers wait for it with time-outs of up to 30 s. */
#define LIMIT_FACTOR 3

static struct task_struct *waiter;
static const char *stage;

static void stage_over(struct timer_list *timer)
{
	pr_emerg("dde: the driver's %s has not returned after %u s; its thread '%s' waits here:\n", stage,
		 ddekit_watchdog_seconds() * LIMIT_FACTOR, waiter->comm);
	ddekit_crash("hung", NULL, stage, ddekit_thread_frame(waiter->thread.host), waiter->comm, DDEKIT_EXIT_WATCHDOG);
}

static DEFINE_TIMER(stage_timer, stage_over);

void dde_stage_begin(const char *name)
{
	if (!ddekit_watchdog_seconds())
		return;
	stage = name;
	waiter = current;
	mod_timer(&stage_timer, jiffies + ddekit_watchdog_seconds() * LIMIT_FACTOR * HZ);
}

void dde_stage_end(void)
{
	del_timer(&stage_timer);
}

static int __init stage_init(void)
{
	dde_stage_begin("probe");
	return 0;
}
early_initcall(stage_init);
