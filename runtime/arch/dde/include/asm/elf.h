/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/elf.h: no program is ever loaded. */
#ifndef _ASM_DDE_ELF_H
#define _ASM_DDE_ELF_H
#include <linux/ptrace.h>
typedef unsigned long elf_greg_t;
typedef elf_greg_t elf_gregset_t[27];
typedef struct { unsigned long dummy; } elf_fpregset_t;
#define elf_check_arch(x) 0
#define ELF_CLASS ELFCLASS64
#define ELF_DATA ELFDATA2LSB
#define ELF_ARCH EM_X86_64
#define ELF_PLATFORM NULL
#define ELF_HWCAP 0
#define ELF_ET_DYN_BASE 0
#define ELF_EXEC_PAGESIZE 4096
#define SET_PERSONALITY(ex) do { } while (0)
#endif
