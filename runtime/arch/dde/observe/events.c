// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for kernel/trace: interrupts, NAPI, timers, work queues, wake-ups and warnings, by the names that Linux gives its tracepoints. */
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/timer.h>
#include <linux/version.h>
#include <linux/workqueue.h>
#include <trace/events/error_report.h>
#include <trace/events/irq.h>
#include <trace/events/napi.h>
#include <trace/events/sched.h>
#include <trace/events/timer.h>
#include <trace/events/workqueue.h>

#include "probes.h"
#include "trace.h"

static void on_irq_handler_entry(void *data, int irq, struct irqaction *action)
{
	ddet_irq_handler_entry(irq, P(action->handler), P(action->dev_id));
}

static void on_irq_handler_exit(void *data, int irq, struct irqaction *action, int ret)
{
	ddet_irq_handler_exit(irq, ret);
}

static void on_napi_poll(void *data, struct napi_struct *napi, int work, int budget)
{
	ddet_napi_poll(work, budget, P(napi), P(napi->dev), P(napi->poll));
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
static void on_timer_start(void *data, struct timer_list *timer, unsigned long expires, unsigned int flags)
{
	ddet_timer_start(P(timer), P(timer->function), expires);
}
#else
static void on_timer_start(void *data, struct timer_list *timer, unsigned long bucket_expiry)
{
	ddet_timer_start(P(timer), P(timer->function), timer->expires);
}
#endif

static void on_timer_cancel(void *data, struct timer_list *timer)
{
	ddet_timer_cancel(P(timer));
}

static void on_timer_expire_entry(void *data, struct timer_list *timer, unsigned long baseclk)
{
	ddet_timer_expire_entry(P(timer), P(timer->function));
}

static void on_timer_expire_exit(void *data, struct timer_list *timer)
{
	ddet_timer_expire_exit(P(timer));
}

static void on_hrtimer_start(void *data, struct hrtimer *timer, enum hrtimer_mode mode, bool was_armed)
{
	ddet_hrtimer_start(P(timer), P(timer->function), timer->node.expires);
}

static void on_hrtimer_cancel(void *data, struct hrtimer *timer)
{
	ddet_hrtimer_cancel(P(timer));
}

static void on_hrtimer_expire_entry(void *data, struct hrtimer *timer, ktime_t *now)
{
	ddet_hrtimer_expire_entry(P(timer), P(timer->function));
}

static void on_hrtimer_expire_exit(void *data, struct hrtimer *timer)
{
	ddet_hrtimer_expire_exit(P(timer));
}

static void on_workqueue_queue_work(void *data, int cpu, struct pool_workqueue *pwq, struct work_struct *work)
{
	ddet_workqueue_queue_work(P(work), P(work->func), P(pwq));
}

static void on_workqueue_activate_work(void *data, struct work_struct *work)
{
	ddet_workqueue_activate_work(P(work));
}

static void on_workqueue_execute_start(void *data, struct work_struct *work)
{
	ddet_workqueue_execute_start(P(work), P(work->func));
}

static void on_workqueue_execute_end(void *data, struct work_struct *work, work_func_t function)
{
	ddet_workqueue_execute_end(P(work), P(function));
}

static void on_sched_wakeup(void *data, struct task_struct *p)
{
	ddet_sched_wakeup(task_pid_nr(p), task_pid_nr(current));
}

static void on_error_report_end(void *data, enum error_detector detector, unsigned long id)
{
	static const char text[] = "WARN";

	if (detector == ERROR_DETECTOR_WARN)
		ddet_mark(DDET_MARK_WARN, text, sizeof(text) - 1);
}

#define EVENTS(X) \
	X(DDET_CAT_IRQ, irq_handler_entry) \
	X(DDET_CAT_IRQ, irq_handler_exit) \
	X(DDET_CAT_NAPI, napi_poll) \
	X(DDET_CAT_TIMER, timer_start) \
	X(DDET_CAT_TIMER, timer_cancel) \
	X(DDET_CAT_TIMER, timer_expire_entry) \
	X(DDET_CAT_TIMER, timer_expire_exit) \
	X(DDET_CAT_TIMER, hrtimer_start) \
	X(DDET_CAT_TIMER, hrtimer_cancel) \
	X(DDET_CAT_TIMER, hrtimer_expire_entry) \
	X(DDET_CAT_TIMER, hrtimer_expire_exit) \
	X(DDET_CAT_WORK, workqueue_queue_work) \
	X(DDET_CAT_WORK, workqueue_activate_work) \
	X(DDET_CAT_WORK, workqueue_execute_start) \
	X(DDET_CAT_WORK, workqueue_execute_end) \
	X(DDET_CAT_SCHED, sched_wakeup) \
	X(DDET_CAT_MARK, error_report_end)

DDE_PROBES(EVENTS);
