/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/alternative.h: one virtual CPU needs no lock prefix and patches no instruction. */
#ifndef _ASM_DDE_ALTERNATIVE_H
#define _ASM_DDE_ALTERNATIVE_H
#ifdef __ASSEMBLY__
.macro LOCK_PREFIX
.endm
#else
#define LOCK_PREFIX_HERE ""
#define LOCK_PREFIX ""
#define alternative(oldinstr, newinstr, feature) asm volatile(oldinstr ::: "memory")
#define ALTERNATIVE(oldinstr, newinstr, feature) oldinstr
#endif
#endif
