/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/smp.h: one virtual CPU. */
#ifndef _ASM_DDE_SMP_H
#define _ASM_DDE_SMP_H
#include <linux/cpumask.h>
#include <asm/special_insns.h>
#define raw_smp_processor_id() 0
#define cpu_physical_id(cpu) 0
static inline int wbinvd_on_cpu(int cpu)
{
	wbinvd();
	return 0;
}
#define wbinvd_on_all_cpus() wbinvd_on_cpu(0)
#endif
