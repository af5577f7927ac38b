/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/arch_hweight.h. */
#ifndef _ASM_DDE_ARCH_HWEIGHT_H
#define _ASM_DDE_ARCH_HWEIGHT_H
#include <asm-generic/bitops/arch_hweight.h>
#endif
