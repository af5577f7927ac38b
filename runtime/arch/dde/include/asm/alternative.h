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
#define ALTERNATIVE(oldinstr, newinstr, feature) oldinstr
#define ALTERNATIVE_2(oldinstr, newinstr1, feature1, newinstr2, feature2) oldinstr
#define ALTERNATIVE_3(oldinstr, n1, f1, n2, f2, n3, f3) oldinstr
#define ALTERNATIVE_TERNARY(oldinstr, feature, newinstr_yes, newinstr_no) newinstr_no
#define alternative(oldinstr, newinstr, feature) asm volatile(oldinstr ::: "memory")
#define alternative_2(oldinstr, newinstr1, feature1, newinstr2, feature2) asm volatile(oldinstr ::: "memory")
#define alternative_ternary(oldinstr, feature, newinstr_yes, newinstr_no) asm volatile(newinstr_no ::: "memory")
#define alternative_input(oldinstr, newinstr, feature, input...) asm volatile(oldinstr : : "i" (0), ## input)
#define alternative_io(oldinstr, newinstr, feature, output, input...) asm volatile(oldinstr : output : "i" (0), ## input)
#define ASM_OUTPUT2(a...) a
#define ASM_NO_INPUT_CLOBBER(clbr...) "i" (0) : clbr
#endif
#endif
