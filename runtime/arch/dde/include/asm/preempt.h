/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for arch/x86/include/asm/preempt.h: asm-generic's. Where a module's code raised the count is noted, by what it raised it to, as
 * a spinlock on one CPU is no more than that and nobody else knows where it was taken (arch/dde/check/left.c).
 */
#ifndef _ASM_DDE_PREEMPT_H
#define _ASM_DDE_PREEMPT_H
#include <asm-generic/preempt.h>

/* Depths of preemption that are told apart, and then those of softirqs being off. */
#define DDE_DEPTHS 16
#define DDE_SOFTIRQ_DEPTH(count) (DDE_DEPTHS + ((count) >> 9) % DDE_DEPTHS)
extern u32 dde_raised_at[2 * DDE_DEPTHS];

#ifdef MODULE
/* The address behind this instruction: text lies below 2 GiB. */
#define DDE_HERE(place) asm volatile("movl $1f, %0\n1:" : "=m"(place))

static __always_inline void dde_preempt_count_add(int val)
{
	int count = preempt_count() + val;

	__preempt_count_add(val);
	if (val & 0xff)
		DDE_HERE(dde_raised_at[count % DDE_DEPTHS]);
	if (val & 0xff00)
		DDE_HERE(dde_raised_at[DDE_SOFTIRQ_DEPTH(count)]);
}

static __always_inline void dde_preempt_count_sub(int val)
{
	int count = preempt_count();

	if (val & 0xff)
		dde_raised_at[count % DDE_DEPTHS] = 0;
	if (val & 0xff00)
		dde_raised_at[DDE_SOFTIRQ_DEPTH(count)] = 0;
	__preempt_count_sub(val);
}

static __always_inline bool dde_preempt_count_dec_and_test(void)
{
	dde_raised_at[preempt_count() % DDE_DEPTHS] = 0;
	return __preempt_count_dec_and_test();
}

#define __preempt_count_add dde_preempt_count_add
#define __preempt_count_sub dde_preempt_count_sub
#define __preempt_count_dec_and_test dde_preempt_count_dec_and_test
#endif
#endif
