// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for kernel/trace: packets on their way, and what becomes of their buffers. */
#include <linux/init.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/version.h>
#include <trace/events/net.h>
#include <trace/events/skb.h>

#include "frames.h"
#include "probes.h"
#include "trace.h"

static void on_netif_receive_skb(void *data, struct sk_buff *skb)
{
	ddet_netif_receive_skb(P(skb), skb->len, P(skb->dev), ntohs(skb->protocol));
}

static void on_net_dev_queue(void *data, struct sk_buff *skb)
{
	ddet_net_dev_queue(P(skb), skb->len, P(skb->dev));
}

static void on_net_dev_start_xmit(void *data, const struct sk_buff *skb, const struct net_device *dev)
{
	ddet_net_dev_start_xmit(P(skb), skb->len, P(dev));
}

static void on_net_dev_xmit(void *data, struct sk_buff *skb, int rc, struct net_device *dev, unsigned int len)
{
	ddet_net_dev_xmit(P(skb), len, P(dev), rc);
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
static void on_kfree_skb(void *data, struct sk_buff *skb, void *location, enum skb_drop_reason reason)
#else
static void on_kfree_skb(void *data, struct sk_buff *skb, void *location, enum skb_drop_reason reason, struct sock *sk)
#endif
{
	ddet_kfree_skb(P(skb), P(location), reason);
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static void on_consume_skb(void *data, struct sk_buff *skb)
{
	ddet_consume_skb(P(skb), dde_caller_up(2));
}
#else
static void on_consume_skb(void *data, struct sk_buff *skb, void *location)
{
	ddet_consume_skb(P(skb), P(location));
}
#endif

#define EVENTS(X) \
	X(DDET_CAT_NET, netif_receive_skb) \
	X(DDET_CAT_NET, net_dev_queue) \
	X(DDET_CAT_NET, net_dev_start_xmit) \
	X(DDET_CAT_NET, net_dev_xmit) \
	X(DDET_CAT_NET, kfree_skb) \
	X(DDET_CAT_NET, consume_skb)

DDE_PROBES(EVENTS);
