// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals. What interrupts a call of the program comes from the dispatcher as SIGINT or SIGKILL and stays here; what Linux or the driver sends to
 * a kernel thread that stands for one of the program's (kill_fasync(), a broken pipe) goes on to the program.
 */
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/kernel.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

#include "exec.h"

void exec_signals_allow(void)
{
	static const int some[] = { SIGINT, SIGKILL, SIGIO, SIGURG, SIGPIPE };
	int i;

	for (i = 0; i < ARRAY_SIZE(some); i++)
		allow_signal(some[i]);
	for (i = SIGRTMIN; i <= SIGRTMAX; i++)
		allow_signal(i); /* F_SETSIG */
}

void exec_signals_forward(struct exec_thread *t)
{
	int sig;

	while (signal_pending(current) && (sig = kernel_dequeue_signal()) > 0)
		if (sig != SIGINT && sig != SIGKILL)
			ddekit_program_signal(t->process->id, sig == SIGPIPE ? t->tid : 0, sig);
	flush_signals(current); /* a wake-up without a number */
}

/* Of a process the thread that asks, if it is one of its own; a negative number is a group, of which it is one. */
static struct task_struct *task_of(struct exec_thread *t, int who)
{
	struct exec_thread *other;

	if (who < 0 || who == t->process->id || who == t->tid)
		return t->task;
	other = exec_thread_known(who);
	return other ? other->task : NULL;
}

static long set(struct exec_thread *t, unsigned int fd, int who)
{
	struct task_struct *task = who ? task_of(t, who) : NULL;

	if (who && !task)
		return -ESRCH;
	return sys_fcntl(fd, F_SETOWN, task ? task_pid_nr(task) : 0);
}

static long get(struct exec_thread *t, unsigned int fd)
{
	long pid = sys_fcntl(fd, F_GETOWN, 0);
	struct exec_thread *owner;

	if (pid <= 0)
		return pid;
	owner = exec_thread_with(pid);
	return owner ? owner->process->id : 0;
}

long exec_owner(struct exec_thread *t)
{
	const unsigned long *a = t->call.args;
	struct f_owner_ex ex;
	long pid;

	switch (a[1]) {
	case F_SETOWN:
		return set(t, a[0], a[2]);
	case F_GETOWN:
		return get(t, a[0]);
	case F_SETOWN_EX:
		if (copy_from_user(&ex, (void __user *)a[2], sizeof(ex)))
			return -EFAULT;
		if (ex.type != F_OWNER_TID && ex.type != F_OWNER_PID && ex.type != F_OWNER_PGRP)
			return -EINVAL;
		return set(t, a[0], ex.type == F_OWNER_PGRP ? -ex.pid : ex.pid);
	default:
		pid = get(t, a[0]);
		if (pid < 0)
			return pid;
		ex = (struct f_owner_ex){ F_OWNER_PID, pid };
		return copy_to_user((void __user *)a[2], &ex, sizeof(ex)) ? -EFAULT : 0;
	}
}
