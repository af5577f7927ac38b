/* SPDX-License-Identifier: GPL-2.0-only */
/* Socket buffers that the driver has. */
#ifndef ARCH_DDE_SKBS_H
#define ARCH_DDE_SKBS_H
#include <linux/compiler.h>
#include <linux/types.h>

/*
 * Socket buffers come and go with every frame, so theirs is a table without chains: of two in one place the older one is no longer
 * known. An interrupt between the stores of dde_skb_remember() can at worst make it name another line of the driver.
 */
#define DDE_SKBS 4096
#define DDE_SKB_SHIFT 8 /* they are a little smaller and aligned to cache lines */

struct dde_skb {
	unsigned long ptr;
	u32 caller;
	u32 size;
};
extern struct dde_skb dde_skbs[DDE_SKBS];

static inline void dde_skb_remember(unsigned long ptr, u32 size, u32 caller)
{
	unsigned int i = (ptr >> DDE_SKB_SHIFT) % DDE_SKBS;

	dde_skbs[i].caller = caller;
	dde_skbs[i].size = size;
	barrier();
	dde_skbs[i].ptr = ptr;
}

static inline void dde_skb_forget(unsigned long ptr)
{
	unsigned int i = (ptr >> DDE_SKB_SHIFT) % DDE_SKBS;

	if (dde_skbs[i].ptr == ptr)
		dde_skbs[i].ptr = 0;
}

unsigned int dde_skbs_live(void);
/** Forgets all: what is freed from now on goes unseen. */
void dde_skbs_clear(void);
#endif
