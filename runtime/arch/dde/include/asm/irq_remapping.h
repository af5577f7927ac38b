/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/irq_remapping.h: there is none. */
#ifndef _ASM_DDE_IRQ_REMAPPING_H
#define _ASM_DDE_IRQ_REMAPPING_H
#include <linux/types.h>
static inline bool irq_remapping_cap(int cap)
{
	return false;
}
#endif
