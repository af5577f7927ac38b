// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program's next call often comes within microseconds of the answer to the one before. The thread that has answered looks for it for as long as
 * handing it over would take, by way of an interrupt and the dispatcher, two switches of threads; what is not its own goes to the dispatcher.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <ddekit/irq.h>
#include <ddekit/time.h>

#include "exec.h"

#define LOOK_NS 25000

static struct ddekit_call put_back; /* while there is one, nobody looks for more */
static bool waiting;

bool exec_next_call(struct ddekit_call *call)
{
	if (!waiting)
		return ddekit_program_call(call);
	*call = put_back;
	waiting = false;
	return true;
}

enum whose { OURS,
	     HOSTS,
	     UNKNOWN };

static enum whose whose(struct exec_process *p, const struct ddekit_call *c)
{
	switch (c->nr) {
		EXEC_FD(EXEC_CASE)
		return exec_holds(p, c->args[0]) ? OURS : HOSTS;
	case EXEC_poll:
	case EXEC_ppoll:
	case EXEC_select:
	case EXEC_pselect6:
		return exec_wait_kind(p, c) ? OURS : HOSTS;
	default:
		return UNKNOWN;
	}
}

/* False: nothing of this thread's came. */
bool exec_look_for_next(struct exec_thread *t)
{
	u64 end = ddekit_time_ns() + LOOK_NS;
	struct ddekit_call call;

	while (!need_resched() && !t->pending && !t->end && !waiting) {
		if (!ddekit_program_call(&call)) {
			if (ddekit_time_ns() >= end)
				return false;
			ddekit_irq_poll();
			continue;
		}
		if (call.tid == t->tid && !t->process->check) {
			enum whose it = whose(t->process, &call);

			if (it == OURS) {
				t->call = call;
				return true;
			}
			if (it == HOSTS) {
				ddekit_program_continue(call.id);
				end = ddekit_time_ns() + LOOK_NS;
				continue;
			}
		}
		put_back = call;
		waiting = true;
		exec_wake();
		return false;
	}
	return false;
}
