/* SPDX-License-Identifier: GPL-2.0-only */
/* Failures that the user asks for (dde.dma_fail=N), and what the driver makes of them. */
#ifndef ARCH_DDE_FAULTS_H
#define ARCH_DDE_FAULTS_H
#include <linux/dma-mapping.h>

extern unsigned long dde_dma_fail_every;
bool dde_dma_fail(size_t size, u32 caller);
bool dde_dma_error_used(dma_addr_t dma, size_t size, u32 caller);

/** True when the mapping that @caller asks for is to fail. */
static __always_inline bool dde_dma_fails(size_t size, u32 caller)
{
	return unlikely(dde_dma_fail_every) && dde_dma_fail(size, caller);
}

/** True when @dma is no address: that of a mapping that failed. It is used, so nobody asked dma_mapping_error(). */
static __always_inline bool dde_dma_is_error(dma_addr_t dma, size_t size, u32 caller)
{
	return unlikely(dma == DMA_MAPPING_ERROR) && dde_dma_error_used(dma, size, caller);
}
#endif
