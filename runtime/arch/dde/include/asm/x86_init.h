/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/x86_init.h: the platform's hooks are not here; their use is named at link. */
#ifndef _ASM_DDE_X86_INIT_H
#define _ASM_DDE_X86_INIT_H
#include <linux/types.h>
struct x86_platform_ops {
	unsigned long (*calibrate_cpu)(void);
	unsigned long (*calibrate_tsc)(void);
};
extern struct x86_platform_ops x86_platform;
#endif
