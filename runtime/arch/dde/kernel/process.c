// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for arch/x86/kernel/process.c: kernel threads and the idle loop's bottom.
 * Differs from Linux in that each kernel thread is a host thread (on the stack that Linux gave it) and a context switch is the
 * hand-off of the virtual CPU; a dead thread is joined before its stack is freed. Only the holder of the virtual CPU runs here.
 */
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/irqflags.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <asm/switch_to.h>
#include <ddekit/host.h>
#include <ddekit/irq.h>
#include <ddekit/thread.h>
#include <ddet/ddetrace.h>

#include "../observe/probes.h"
#include "dde.h"

struct task_struct *dde_current = &init_task;
EXPORT_SYMBOL(dde_current);

struct dde_user *dde_user;
EXPORT_SYMBOL(dde_user);

static struct task_struct *dde_prev;

static struct task_struct *finish_switch(void)
{
	struct task_struct *prev = dde_prev;

	if (prev && READ_ONCE(prev->__state) == TASK_DEAD && prev->thread.host) {
		ddekit_thread_destroy(prev->thread.host);
		prev->thread.host = NULL;
	}
	return prev;
}

static void host_thread_main(void *arg)
{
	struct task_struct *self = arg;

	schedule_tail(finish_switch());
	if (self->thread.fn)
		self->thread.fn(self->thread.arg);
	/* The function of a user thread returns only after a successful exec: the "program" is the workload. */
	dde_program->main();
	ddekit_exit(0);
}

unsigned long dde_clear_user(unsigned long to, unsigned long n)
{
	while (n) {
		unsigned long some = min(n, PAGE_SIZE), left = dde_user->write(dde_user, to, page_address(ZERO_PAGE(0)), some);

		if (left)
			return n - some + left;
		to += some;
		n -= some;
	}
	return 0;
}
EXPORT_SYMBOL(dde_clear_user);

int copy_thread(struct task_struct *p, const struct kernel_clone_args *args)
{
	p->thread.fn = args->fn;
	p->thread.arg = args->fn_arg;
	p->thread.host = ddekit_thread_create(p->comm, 0, host_thread_main, p, task_stack_page(p), THREAD_SIZE);
	return p->thread.host ? 0 : -ENOMEM;
}

struct task_struct *__switch_to(struct task_struct *prev, struct task_struct *next)
{
	if (!prev->thread.host)
		prev->thread.host = ddekit_thread_boot();
	dde_current = next;
	dde_user = next->thread.user;
	dde_prev = prev;
	ddekit_thread_rename(next->thread.host, next->comm, task_pid_nr(next));
	ddet_prev_state = task_state_index(prev);
	ddekit_thread_switch(prev->thread.host, next->thread.host, READ_ONCE(prev->__state) == TASK_DEAD);
	return finish_switch();
}

/* A thread that never ran (its creation failed later) still has a parked host thread. */
void arch_release_task_struct(struct task_struct *tsk)
{
	if (tsk->thread.host) {
		ddekit_thread_destroy(tsk->thread.host);
		tsk->thread.host = NULL;
	}
}

void flush_thread(void)
{
}

unsigned long __get_wchan(struct task_struct *p)
{
	return 0;
}

/* A loop that waits for the device gets here: look for its signals and let them in. */
void cpu_relax(void)
{
	barrier();
	ddekit_irq_poll();
	dde_irqs_check();
}
EXPORT_SYMBOL(cpu_relax);

void arch_cpu_idle(void)
{
	ddet_cpu_idle(1);
	ddekit_idle();
	ddet_cpu_idle(~0U); /* PWR_EVENT_EXIT, as power:cpu_idle has it */
	dde_trace_poll();
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	raw_local_irq_enable();
#endif
}
