/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/mmu_context.h. */
#ifndef _ASM_DDE_MMU_CONTEXT_H
#define _ASM_DDE_MMU_CONTEXT_H
#include <asm-generic/nommu_context.h>
#endif
