// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for nothing in arch/: which socket buffers the driver got and neither freed nor gave to the stack. Any context. */
#include <linux/init.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/version.h>
#include <trace/events/skb.h>
#include <ddet/ddetrace.h>

#include "../observe/probes.h"
#include "skbs.h"

struct dde_skb dde_skbs[DDE_SKBS];

unsigned int dde_skbs_live(void)
{
	unsigned int n = 0, i;

	for (i = 0; i < DDE_SKBS; i++)
		n += dde_skbs[i].ptr != 0;
	return n;
}

/* Beside these: what has no user left may go without them, as memory of its cache (memory.c). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
static void on_kfree_skb(void *data, struct sk_buff *skb, void *location, enum skb_drop_reason reason)
#else
static void on_kfree_skb(void *data, struct sk_buff *skb, void *location, enum skb_drop_reason reason, struct sock *sk)
#endif
{
	dde_skb_forget((unsigned long)skb);
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
static void on_consume_skb(void *data, struct sk_buff *skb)
#else
static void on_consume_skb(void *data, struct sk_buff *skb, void *location)
#endif
{
	dde_skb_forget((unsigned long)skb);
}

void dde_skbs_clear(void)
{
	memset(dde_skbs, 0, sizeof(dde_skbs));
}

#define EVENTS(X) \
	X(DDET_CAT_CHECK, kfree_skb) \
	X(DDET_CAT_CHECK, consume_skb)

DDE_PROBES(EVENTS);
