/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/dma-mapping.h: every device maps through dde_dma_ops, where each mapping can be seen. */
#ifndef _ASM_DDE_DMA_MAPPING_H
#define _ASM_DDE_DMA_MAPPING_H
#include <linux/version.h>

extern const struct dma_map_ops dde_dma_ops;

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
static inline const struct dma_map_ops *get_arch_dma_ops(struct bus_type *bus)
#else
static inline const struct dma_map_ops *get_arch_dma_ops(void)
#endif
{
	return &dde_dma_ops;
}
#endif
