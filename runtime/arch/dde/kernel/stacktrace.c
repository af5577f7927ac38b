// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for arch/x86/kernel/dumpstack.c and stacktrace.c: the C stack by frame pointers; names and lines come from the
 * host side, which reads its own debug information.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/stacktrace.h>
#include <ddekit/host.h>
#include <ddekit/thread.h>

#include "../observe/frames.h"

void show_regs(struct pt_regs *regs)
{
	ddekit_backtrace(0, 0);
}

void show_stack(struct task_struct *task, unsigned long *sp, const char *loglvl)
{
	if (!task || task == current)
		ddekit_backtrace(0, 0);
	else if (task->thread.host)
		ddekit_backtrace(ddekit_thread_frame(task->thread.host), 0);
}

void save_stack_trace(struct stack_trace *trace)
{
	const struct dde_frame *f = __builtin_frame_address(0);

	for (; f && trace->nr_entries < trace->max_entries; f = dde_frame_up(current, f)) {
		if (trace->skip > 0)
			trace->skip--;
		else
			trace->entries[trace->nr_entries++] = dde_frame_ret(f);
	}
}
EXPORT_SYMBOL_GPL(save_stack_trace);

void save_stack_trace_tsk(struct task_struct *task, struct stack_trace *trace)
{
	if (task == current)
		save_stack_trace(trace);
}
