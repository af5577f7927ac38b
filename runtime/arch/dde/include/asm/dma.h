/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/dma.h: what GFP_DMA means, for devices with 24 address bits; there is no ISA DMA controller. */
#ifndef _ASM_DDE_DMA_H
#define _ASM_DDE_DMA_H
#include <asm-generic/dma.h>

#define MAX_DMA_PFN ((16UL << 20) >> PAGE_SHIFT)
#undef MAX_DMA_ADDRESS
#define MAX_DMA_ADDRESS ((unsigned long)__va(MAX_DMA_PFN << PAGE_SHIFT))
#endif
