// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for nothing in arch/: which socket buffers the driver got and neither freed nor gave to the stack. Any context. */
#include <linux/init.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/version.h>
#include <trace/events/net.h>
#include <trace/events/skb.h>
#include <ddet/ddetrace.h>

#include "../observe/probes.h"
#include "driver.h"
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

/*
 * A driver's transmit function owns what it took until it frees it, which all ways that end a buffer tell of. A clone of TCP's is not
 * followed: it lies in one object with its original and goes when that goes.
 */
static void on_net_dev_start_xmit(void *data, const struct sk_buff *skb, const struct net_device *dev)
{
	unsigned long function = (unsigned long)dev->netdev_ops->ndo_start_xmit;

	if (skb->fclone == SKB_FCLONE_UNAVAILABLE && !skb_shared(skb) && dde_in_driver(function))
		dde_skb_remember((unsigned long)skb, skb->truesize, function + 1);
}

static void on_net_dev_xmit(void *data, struct sk_buff *skb, int rc, struct net_device *dev, unsigned int len)
{
	if (rc == NETDEV_TX_BUSY)
		dde_skb_forget((unsigned long)skb);
}

void dde_skbs_clear(void)
{
	memset(dde_skbs, 0, sizeof(dde_skbs));
}

#define EVENTS(X) \
	X(DDET_CAT_CHECK, net_dev_start_xmit) \
	X(DDET_CAT_CHECK, net_dev_xmit) \
	X(DDET_CAT_CHECK, kfree_skb) \
	X(DDET_CAT_CHECK, consume_skb)

DDE_PROBES(EVENTS);
