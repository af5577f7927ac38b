// SPDX-License-Identifier: GPL-2.0-only
/* What Linux asks of an architecture and what has no meaning without user programs: each does nothing, by design. */
#include <linux/ptrace.h>
#include <linux/seq_file.h>
#include <linux/stacktrace.h>
#include <linux/sched.h>
#include <uapi/linux/audit.h>
#include <asm/syscall.h>

void ptrace_disable(struct task_struct *child)
{
}

long arch_ptrace(struct task_struct *child, long request, unsigned long addr, unsigned long data)
{
	return -EINVAL;
}

static void *cpuinfo_none(struct seq_file *m, loff_t *pos)
{
	return NULL;
}

static void *cpuinfo_next(struct seq_file *m, void *v, loff_t *pos)
{
	return NULL;
}

static void cpuinfo_stop(struct seq_file *m, void *v)
{
}

static int cpuinfo_show(struct seq_file *m, void *v)
{
	return 0;
}

const struct seq_operations cpuinfo_op = {
	.start = cpuinfo_none,
	.next = cpuinfo_next,
	.stop = cpuinfo_stop,
	.show = cpuinfo_show,
};

int syscall_get_arch(struct task_struct *task)
{
	return AUDIT_ARCH_X86_64;
}
