/* SPDX-License-Identifier: GPL-2.0-only */
/* Stacks by frame pointers, which all kernel code keeps (ARCH_WANT_FRAME_POINTERS). */
#ifndef ARCH_DDE_FRAMES_H
#define ARCH_DDE_FRAMES_H

#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/types.h>
#include <ddet/ddetrace.h>

struct dde_frame {
	struct dde_frame *next;
	unsigned long ret;
};

/* The caller's return address: in a traced call the tracer has it. */
static __always_inline unsigned long dde_frame_ret(const struct dde_frame *f)
{
	return ddet_real_return(&f->ret, f->ret);
}

/* Where the function that is @n calls up returns to; 0 = the one this is compiled into. */
static __always_inline u32 dde_caller_up(unsigned int n)
{
	struct dde_frame *f = __builtin_frame_address(0);

	while (n--)
		f = f->next;
	return dde_frame_ret(f);
}

static inline bool dde_frame_on_stack(const struct task_struct *task, const struct dde_frame *f)
{
	return (unsigned long)f - (unsigned long)task_stack_page(task) < THREAD_SIZE - sizeof(*f) ||
	       (task == current && object_is_on_stack(f));
}

/* The frame above, NULL where the stack ends. */
static inline struct dde_frame *dde_frame_up(const struct task_struct *task, const struct dde_frame *f)
{
	return f->next > f && dde_frame_on_stack(task, f->next) ? f->next : NULL;
}
#endif
