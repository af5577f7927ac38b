// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for arch/x86/kernel/dumpstack.c and stacktrace.c: the C stack by frame pointers; names and lines come from the
 * host side, which reads its own debug information.
 */
#include <linux/kernel.h>
#include <linux/panic_notifier.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <ddekit/exit_codes.h>
#include <ddekit/host.h>
#include <ddekit/thread.h>
#include <ddet/ddetrace.h>

#include "dde.h"

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

struct frame {
	struct frame *next;
	unsigned long ret;
};

static bool on_stack(struct task_struct *task, struct frame *f)
{
	return object_is_on_stack(f) || (unsigned long)f - (unsigned long)task_stack_page(task) < THREAD_SIZE - sizeof(*f);
}

void save_stack_trace(struct stack_trace *trace)
{
	struct frame *f = __builtin_frame_address(0);

	while (on_stack(current, f) && trace->nr_entries < trace->max_entries) {
		if (trace->skip > 0)
			trace->skip--;
		else
			trace->entries[trace->nr_entries++] = f->ret;
		if (f->next <= f)
			break;
		f = f->next;
	}
}
EXPORT_SYMBOL_GPL(save_stack_trace);

void save_stack_trace_tsk(struct task_struct *task, struct stack_trace *trace)
{
	if (task == current)
		save_stack_trace(trace);
}

static int on_panic(struct notifier_block *nb, unsigned long event, void *message)
{
	ddet_mark(DDET_MARK_PANIC, message, strlen(message));
	dde_result("{\"type\":\"crash\",\"reason\":\"panic\"}");
	ddekit_backtrace(0, 0);
	ddekit_exit(DDEKIT_EXIT_CRASH);
}

static struct notifier_block panic_block = { .notifier_call = on_panic };

static int __init report_init(void)
{
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
	return 0;
}
early_initcall(report_init);
