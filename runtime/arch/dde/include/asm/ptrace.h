/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/ptrace.h: never a user mode to return to. */
#ifndef _ASM_DDE_PTRACE_H
#define _ASM_DDE_PTRACE_H
#include <uapi/asm/ptrace.h>
#ifndef __ASSEMBLY__
#define user_mode(regs) 0
#define instruction_pointer(regs) ((regs)->ip)
#define instruction_pointer_set(regs, v) ((regs)->ip = (v))
#define profile_pc(regs) instruction_pointer(regs)
#define user_stack_pointer(regs) ((regs)->sp)
#define kernel_stack_pointer(regs) ((regs)->sp)
#define frame_pointer(regs) ((regs)->bp)
#define regs_return_value(regs) 0UL
#define force_successful_syscall_return() do { } while (0)
#endif
#endif
