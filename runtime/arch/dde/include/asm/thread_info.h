/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/thread_info.h; the stack is big enough to be a host thread's stack. */
#ifndef _ASM_DDE_THREAD_INFO_H
#define _ASM_DDE_THREAD_INFO_H
#include <asm/page.h>
#define THREAD_SIZE_ORDER 4
#define THREAD_SIZE (PAGE_SIZE << THREAD_SIZE_ORDER)
#ifndef __ASSEMBLY__
struct thread_info {
	unsigned long flags;
	int preempt_count;
	unsigned long syscall_work;
	int cpu;
};
#define INIT_THREAD_INFO(tsk) { .flags = 0, .preempt_count = INIT_PREEMPT_COUNT }
#endif
#define TIF_NOTIFY_RESUME 1
#define TIF_SIGPENDING 2
#define TIF_NEED_RESCHED 3
#define TIF_SYSCALL_TRACE 4
#define TIF_NOTIFY_SIGNAL 5
#define TIF_MEMDIE 6
#define TIF_RESTORE_SIGMASK 7
#define TIF_POLLING_NRFLAG 8
#define _TIF_NOTIFY_RESUME (1 << TIF_NOTIFY_RESUME)
#define _TIF_SIGPENDING (1 << TIF_SIGPENDING)
#define _TIF_NEED_RESCHED (1 << TIF_NEED_RESCHED)
#define _TIF_NOTIFY_SIGNAL (1 << TIF_NOTIFY_SIGNAL)
#define _TIF_RESTORE_SIGMASK (1 << TIF_RESTORE_SIGMASK)
#define _TIF_POLLING_NRFLAG (1 << TIF_POLLING_NRFLAG)
#endif
