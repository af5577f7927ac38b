// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for the softirq part of kernel/trace: what is raised and run, and why the rest is left to ksoftirqd. Softirq context. */
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/sched.h>
#include <trace/events/irq.h>
#include <trace/events/sched.h>

#include "frames.h"
#include "probes.h"
#include "softirq.h"
#include "trace.h"

bool (*dde_softirq_lost)(unsigned int vec);

static void on_softirq_raise(void *data, unsigned int vec)
{
	if (likely(!dde_softirq_lost) || !dde_softirq_lost(vec))
		ddet_softirq_raise(vec);
}

/*
 * One run of __do_softirq(): it goes round while there is something pending, up to 10 times or 2 ms, and leaves the rest to ksoftirqd.
 * Linux does not say which of these it was, so the rounds are counted here: within a round the vectors ascend.
 */
static struct {
	const void *frame;
	unsigned long began; /* jiffies */
	unsigned int rounds, last;
	bool more; /* something was pending when the last vector was done */
} run;

#define MAX_ROUNDS 10

static void on_softirq_entry(void *data, unsigned int vec)
{
	/* Its frame: this function's caller is the tracepoint's iterator, and its caller __do_softirq(). */
	const struct dde_frame *f = __builtin_frame_address(0);
	const void *frame = f->next->next;

	if (frame != run.frame || (vec <= run.last && !run.more)) {
		run.frame = frame;
		run.began = jiffies;
		run.rounds = 1;
	} else if (vec <= run.last) {
		run.rounds++;
	}
	run.last = vec;
	ddet_softirq_entry(vec);
}

static void on_softirq_exit(void *data, unsigned int vec)
{
	run.more = local_softirq_pending();
	ddet_softirq_exit(vec);
}

/* Woken by __do_softirq(), which gives up, or by raise_softirq() outside of interrupts (or with threaded ones). */
static void on_sched_waking(void *data, struct task_struct *p)
{
	u32 reason = DDET_HANDOVER_OTHER;

	if (p != this_cpu_ksoftirqd())
		return;
	if (in_serving_softirq()) {
		if (need_resched())
			reason = DDET_HANDOVER_NEED_RESCHED;
		else if (run.rounds >= MAX_ROUNDS)
			reason = DDET_HANDOVER_MAX_RESTART;
		else
			reason = DDET_HANDOVER_TIME;
	}
	ddet_softirq_handover(local_softirq_pending(), reason);
}

#define EVENTS(X) \
	X(DDET_CAT_SOFTIRQ, softirq_raise) \
	X(DDET_CAT_SOFTIRQ, softirq_entry) \
	X(DDET_CAT_SOFTIRQ, softirq_exit) \
	X(DDET_CAT_SOFTIRQ, sched_waking)

DDE_PROBES(EVENTS);
