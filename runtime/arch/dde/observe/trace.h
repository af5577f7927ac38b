/* SPDX-License-Identifier: GPL-2.0-only */
/* What trace.c, hooks.c, locks.c and tracepoints.c share. */
#ifndef ARCH_DDE_TRACE_H
#define ARCH_DDE_TRACE_H

#include <linux/types.h>
#include <ddet/ddetrace.h>

/* Every kernel address is below 4 GiB (ARCHITECTURE.md), so a trace keeps 32 bits of it. */
#define P(p) ((u32)(unsigned long)(p))

struct dde_frame {
	struct dde_frame *next;
	unsigned long ret;
};

/* Where the function that is @n calls up returns to; 0 = the one this is compiled into. All kernel code keeps frame pointers. */
static __always_inline u32 dde_caller_up(unsigned int n)
{
	struct dde_frame *f = __builtin_frame_address(0);

	while (n--)
		f = f->next;
	return ddet_real_return(&f->ret, f->ret);
}

/* Who asked for @lock, while it is waited for: locks.c sees the call. 0: a lock that it does not know. */
u32 dde_lock_caller(const void *lock);
/* Level of the message that is being printed: the console's tracepoint has only the text. */
extern int dde_printk_level;
/* Registers the probes of the tracepoints that are asked for by name, all off when not @on. May sleep. */
void dde_tracepoints_update(bool on);

#endif
