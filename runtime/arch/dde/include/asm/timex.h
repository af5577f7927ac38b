/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/timex.h: the host's time stamp counter. */
#ifndef _ASM_DDE_TIMEX_H
#define _ASM_DDE_TIMEX_H
#include <linux/types.h>
typedef unsigned long long cycles_t;
#define get_cycles get_cycles
static __always_inline cycles_t get_cycles(void)
{
	return __builtin_ia32_rdtsc();
}
#undef ARCH_HAS_READ_CURRENT_TIMER
#endif
