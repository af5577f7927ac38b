/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/current.h: a global, for there is one virtual CPU. */
#ifndef _ASM_DDE_CURRENT_H
#define _ASM_DDE_CURRENT_H
#ifndef __ASSEMBLY__
struct task_struct;
extern struct task_struct *dde_current;
#define current dde_current
#endif
#endif
