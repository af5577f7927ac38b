/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/processor.h: a kernel thread is a host thread. */
#ifndef _ASM_DDE_PROCESSOR_H
#define _ASM_DDE_PROCESSOR_H
#include <asm/ptrace.h>
#include <asm/page.h>
#include <asm/current.h>
#include <linux/compiler.h>

#ifndef __ASSEMBLY__
struct ddekit_thread;
struct task_struct;
struct thread_struct {
	struct ddekit_thread *host;
	int (*fn)(void *);
	void *arg;
};
#define INIT_THREAD { .host = (void *)0 }
#define TASK_SIZE 0xfffff000UL
#define TASK_UNMAPPED_BASE 0
#define STACK_TOP TASK_SIZE
#define STACK_TOP_MAX TASK_SIZE
#define task_pt_regs(tsk) ((struct pt_regs *)(task_stack_page(tsk) + THREAD_SIZE) - 1)
#define KSTK_EIP(tsk) 0UL
#define KSTK_ESP(tsk) 0UL
#define ARCH_HAS_PREFETCH
#define prefetch(x) __builtin_prefetch(x)
#define ARCH_HAS_PREFETCHW
#define prefetchw(x) __builtin_prefetch(x, 1)
void cpu_relax(void);
static inline void start_thread(struct pt_regs *regs, unsigned long pc, unsigned long sp) { }
unsigned long __get_wchan(struct task_struct *p);
#endif
#endif
