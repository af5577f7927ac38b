// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for lib/fault-inject.c. dde.dma_fail=N: every Nth mapping of the driver fails, as it may on a machine with an IOMMU or bounce
 * buffers. What the driver does with an address that it did not look at comes back here.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <ddet/ddetrace.h>

#include "driver.h"
#include "faults.h"

unsigned long dde_dma_fail_every __read_mostly;
static unsigned long count;
static u32 failed_by;

static int __init fail_setup(char *s)
{
	return kstrtoul(s, 0, &dde_dma_fail_every);
}
early_param("dde.dma_fail", fail_setup);

bool dde_dma_fail(size_t size, u32 caller)
{
	if (++count % dde_dma_fail_every || !dde_in_driver(caller))
		return false;
	failed_by = caller;
	ddet_misuse(DDET_MISUSE_DMA_MAP_FAILED, caller, 0, size, 0);
	return true;
}

bool dde_dma_error_used(dma_addr_t dma, size_t size, u32 caller)
{
	ddet_misuse(DDET_MISUSE_DMA_ERROR_USED, caller, (u32)dma, size, failed_by);
	return true;
}
