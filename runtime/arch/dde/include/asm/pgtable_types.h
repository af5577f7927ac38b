/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/pgtable_types.h. */
#ifndef _ASM_DDE_PGTABLE_TYPES_H
#define _ASM_DDE_PGTABLE_TYPES_H
#include <asm/pgtable.h>
enum page_cache_mode {
	_PAGE_CACHE_MODE_WB,
	_PAGE_CACHE_MODE_WC,
	_PAGE_CACHE_MODE_UC_MINUS,
	_PAGE_CACHE_MODE_UC,
	_PAGE_CACHE_MODE_WT,
	_PAGE_CACHE_MODE_WP,
};
#endif
