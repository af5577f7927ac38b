/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/cpufeature.h: what the compiler may use is the baseline; at run time the host is asked (cpu.c). */
#ifndef _ASM_DDE_CPUFEATURE_H
#define _ASM_DDE_CPUFEATURE_H
#include <asm/cpufeatures.h>
#define cpu_feature_enabled(bit) 0
#define static_cpu_has(bit) boot_cpu_has(bit)
#ifndef __ASSEMBLY__
bool dde_cpu_has(unsigned int bit);
#define boot_cpu_has(bit) dde_cpu_has(bit)
#define cpu_has(c, bit) dde_cpu_has(bit)
#define this_cpu_has(bit) dde_cpu_has(bit)
#define setup_clear_cpu_cap(bit) do { } while (0)
#define setup_force_cpu_cap(bit) do { } while (0)
#define CPU_FEATURE_TYPEFMT "x86,ven%04Xfam%04Xmod%04X"
#endif
#endif
