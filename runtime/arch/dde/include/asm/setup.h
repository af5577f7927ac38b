/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/setup.h. */
#ifndef _ASM_DDE_SETUP_H
#define _ASM_DDE_SETUP_H
#define COMMAND_LINE_SIZE 4096
#endif
