/* SPDX-License-Identifier: GPL-2.0-only */
/* No page tables: mm/nommu.c serves vmalloc. */
#ifndef _ASM_DDE_VMALLOC_H
#define _ASM_DDE_VMALLOC_H
#endif
