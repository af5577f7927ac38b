/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/memtype.h: memory types are the host's; the rest is named at link. */
#ifndef _ASM_DDE_MEMTYPE_H
#define _ASM_DDE_MEMTYPE_H
#include <linux/types.h>
#include <asm/pgtable_types.h>
static inline bool pat_enabled(void)
{
	return true;
}
int memtype_reserve(u64 start, u64 end, enum page_cache_mode req, enum page_cache_mode *ret);
int memtype_free(u64 start, u64 end);
#endif
