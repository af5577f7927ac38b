/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/m68k/include/asm/pgtable_no.h: there are no page tables. */
#ifndef _ASM_DDE_PGTABLE_H
#define _ASM_DDE_PGTABLE_H
#include <asm-generic/pgtable-nopud.h>
#include <asm/page.h>
#include <asm/processor.h>

#ifndef __ASSEMBLY__
#define pgd_present(pgd) (1)
#define pgd_none(pgd) (0)
#define pgd_bad(pgd) (0)
#define pgd_clear(pgdp)
#define pmd_offset(a, b) ((void *)0)
#define PAGE_NONE __pgprot(0)
#define PAGE_SHARED __pgprot(0)
#define PAGE_COPY __pgprot(0)
#define PAGE_READONLY __pgprot(0)
#define PAGE_KERNEL __pgprot(0)
#define pgprot_noncached(p) (p)
#define pgprot_writecombine(p) (p)
extern void *empty_zero_page;
#define ZERO_PAGE(vaddr) ((void)(vaddr), virt_to_page(empty_zero_page))
#define swapper_pg_dir ((pgd_t *)0)
#define VMALLOC_START 0UL
#define VMALLOC_END 0xffffffffUL
#define KMAP_START 0UL
#define KMAP_END 0xffffffffUL
#define __swp_type(x) (0)
#define __swp_offset(x) (0)
#define __swp_entry(typ, off) ((swp_entry_t){ ((typ) | ((off) << 7)) })
#define __pte_to_swp_entry(pte) ((swp_entry_t){ pte_val(pte) })
#define __swp_entry_to_pte(x) ((pte_t){ (x).val })
#endif
#endif
