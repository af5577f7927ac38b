/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/fixmap.h: nothing is at a fixed place. */
#ifndef _ASM_DDE_FIXMAP_H
#define _ASM_DDE_FIXMAP_H
#include <asm/page.h>
#endif
