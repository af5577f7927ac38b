/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/cpufeature.h: x86-64 baseline. */
#ifndef _ASM_DDE_CPUFEATURE_H
#define _ASM_DDE_CPUFEATURE_H
#include <asm/cpufeatures.h>
#define boot_cpu_has(bit) 0
#define static_cpu_has(bit) 0
#define cpu_feature_enabled(bit) 0
#define system_has_cmpxchg_double() 0
#endif
