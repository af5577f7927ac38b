// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for nothing in arch/: on a machine an IOMMU would tell, or nobody. The back end says that a device reached for memory that is
 * none; who gave it the address is known when it was written to a register, and not when it stood in a descriptor. One virtual CPU.
 */
#include <linux/kernel.h>
#include <linux/ratelimit.h>
#include <ddekit/arena.h>
#include <ddekit/pci.h>

#include "mappings.h"
#include "strays.h"

#define POINTERS 8
#define REACH (1 << 20) /* what a device accesses behind an address that it was given */

static struct {
	u32 value, caller;
} pointers[POINTERS];
static unsigned int next;

static bool is_pointer(u64 value)
{
	return value - DDEKIT_ARENA_BASE < DDEKIT_ARENA_MAX;
}

void dde_stray_written(u64 value, u32 caller)
{
	if (!is_pointer(value)) {
		dde_live_given(value, caller);
		return;
	}
	pointers[next % POINTERS].value = value;
	pointers[next++ % POINTERS].caller = caller;
}

static u32 giver(u64 addr)
{
	unsigned int i;

	for (i = 1; i <= POINTERS; i++)
		if (addr - pointers[(next - i) % POINTERS].value < REACH)
			return pointers[(next - i) % POINTERS].caller;
	return 0;
}

void dde_strays_tell(void)
{
	struct ddekit_stray s;
	bool pointer;
	u32 caller;

	while (ddekit_pci_stray(&s)) {
		pointer = is_pointer(s.addr);
		caller = pointer ? giver(s.addr) : 0;
		pr_warn_ratelimited("dde: a device tried to %s memory at bus address 0x%llx, where there is none%s\n",
				    s.write ? "write" : "read", s.addr, pointer ? ": a pointer is no DMA address" : "");
		ddet_misuse(pointer ? DDET_MISUSE_DMA_POINTER : DDET_MISUSE_DMA_NOWHERE, caller, s.addr, s.write, 0);
	}
}
