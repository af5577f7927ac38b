// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for nothing in arch/: a panic (BUG, oops) is the driver's crash: told, with its stack, and the end of the process. And what the
 * report of any crash says of the kernel: in which context, how deep the stack is, what is mapped for DMA.
 */
#include <linux/init.h>
#include <linux/panic_notifier.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>
#include <ddekit/crash.h>
#include <ddekit/exit_codes.h>
#include <ddet/ddetrace.h>

#include "../observe/result.h"
#include "mappings.h"

/* panic() itself switches interrupts and preemption off. */
static bool panicked;

static const char *context(void)
{
	if (in_nmi())
		return "nmi";
	if (in_hardirq())
		return "interrupt";
	return in_serving_softirq() ? "softirq" : "thread";
}

static void tell_context(void)
{
	unsigned int depth = preempt_count() & PREEMPT_MASK;
	char name[2 * TASK_COMM_LEN];

	dde_result("{\"type\":\"crashContext\",\"context\":\"%s\",\"interruptsOff\":%s,\"preemptDepth\":%u,\"pid\":%d,\"task\":\"%s\"}",
		   context(), irqs_disabled() && !panicked ? "true" : "false", panicked ? 0 : depth, task_pid_nr(current),
		   dde_json(name, sizeof(name), current->comm));
}

static void crash_notes(unsigned long sp, unsigned long top)
{
	unsigned long stack = (unsigned long)task_stack_page(current);
	/* The C library's part at the end is in use, too. Below its guard page a stack is somebody else's memory. */
	long used = sp - stack < THREAD_SIZE ? stack + THREAD_SIZE - sp : top - sp;

	if (sp)
		dde_result("{\"type\":\"crashStack\",\"used\":%ld,\"size\":%lu}", used, THREAD_SIZE);
	/* A stack that ran over may have overwritten the task. */
	if (sp && (used <= THREAD_SIZE || is_idle_task(current)))
		tell_context();
	dde_dma_tell();
}

static int on_panic(struct notifier_block *nb, unsigned long event, void *message)
{
	ddet_mark(DDET_MARK_PANIC, message, strlen(message));
	panicked = true;
	ddekit_crash("panic", message, NULL, 0, NULL, DDEKIT_EXIT_CRASH);
}

static struct notifier_block panic_block = { .notifier_call = on_panic };

static int __init panic_init(void)
{
	ddekit_crash_notes = crash_notes;
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
	return 0;
}
early_initcall(panic_init);
