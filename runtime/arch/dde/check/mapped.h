/* SPDX-License-Identifier: GPL-2.0-only */
/* Which registers are mapped, by whomever, and accesses to those that are not. See mapped.c. */
#ifndef ARCH_DDE_MAPPED_H
#define ARCH_DDE_MAPPED_H
#include <linux/compiler.h>
#include <linux/types.h>
#include <ddet/ddetrace.h>

void dde_mapped_add(unsigned long start, size_t size);
void dde_mapped_remove(unsigned long start);
void dde_mapped_look(unsigned long addr, bool write, u32 caller);

/** An access is on its way: told if nobody has its address mapped any more. */
static __always_inline void dde_mapped_watch(unsigned long addr, bool write, u32 caller)
{
	if (unlikely(ddet_categories & DDET_CAT_CHECK))
		dde_mapped_look(addr, write, caller);
}
#endif
