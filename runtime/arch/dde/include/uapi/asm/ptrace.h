/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _UAPI_ASM_DDE_PTRACE_H
#define _UAPI_ASM_DDE_PTRACE_H
#ifndef __ASSEMBLY__
struct pt_regs { unsigned long ip, sp, bp; };
typedef struct pt_regs user_regs_struct;
#endif
#endif
