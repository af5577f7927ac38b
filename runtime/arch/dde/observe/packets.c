// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for net/packet (a capture socket), at the boundary of the driver: what the core gives to ndo_start_xmit, and what
 * the driver gives to the stack, before GRO merges anything. Unlike a socket it sees the packets that the stack drops later.
 *
 * A packet is one dde:packet and as many dde:packet_data as its bytes need. Interrupts are off in between, so nothing of this
 * thread comes in between, and a packet_data belongs to the dde:packet before it. Checksums and segments that are left to the
 * hardware are told, not made: whoever reads the trace can make them without cost to the driver.
 */
#include <linux/if_vlan.h>
#include <linux/init.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <trace/events/net.h>

#include "probes.h"
#include "trace.h"

#define PART 240

/* Numbers of this process; one virtual CPU with interrupts off is the only writer. */
static u32 packets;

/* @offset: of the Ethernet header from skb->data; negative where the driver has pulled it already. */
static void emit(const struct sk_buff *skb, const struct net_device *dev, int offset, u8 dir)
{
	u32 len = skb->len - offset, at, name[IFNAMSIZ / 4], vlan = 0;
	bool partial = dir == DDET_PACKET_DIR_TX && skb->ip_summed == CHECKSUM_PARTIAL;
	unsigned long flags;
	u8 part[PART];

	if (dev->flags & IFF_LOOPBACK)
		return;
	memcpy(name, dev->name, sizeof(name));
	if (skb_vlan_tag_present(skb))
		vlan = (u32)ntohs(skb->vlan_proto) << 16 | skb_vlan_tag_get(skb);
	local_irq_save(flags);
	ddet_packet(packets++, P(skb), len, P(dev), name[0], name[1], name[2], name[3], vlan,
		    partial ? skb_checksum_start_offset(skb) - offset : 0, partial ? skb->csum_offset : 0,
		    skb_is_gso(skb) ? skb_shinfo(skb)->gso_size : 0, dev->ifindex, dir, partial);
	for (at = 0; at < len; at += PART) {
		u32 n = min_t(u32, len - at, PART);

		if (skb_copy_bits(skb, offset + (int)at, part, n))
			break;
		ddet_packet_data(at, (const char *)part, n);
	}
	local_irq_restore(flags);
}

static void on_start_xmit(void *data, const struct sk_buff *skb, const struct net_device *dev)
{
	emit(skb, dev, 0, DDET_PACKET_DIR_TX);
}

static void on_xmit(void *data, struct sk_buff *skb, int rc, struct net_device *dev, unsigned int len)
{
	/* The core still owns the skb and tries again: that will be a packet of its own. */
	if (!dev_xmit_complete(rc) && !(dev->flags & IFF_LOOPBACK))
		ddet_packet_refused(P(skb), rc);
}

static void on_receive(void *data, const struct sk_buff *skb)
{
	int header = skb_mac_header_was_set(skb) ? skb_mac_header(skb) - skb->data : 0;

	/* A driver that forgot eth_type_trans() leaves the header in, and whatever comes of it is its bug to show. */
	emit(skb, skb->dev, min(header, 0), DDET_PACKET_DIR_RX);
}

static int packets_on(void)
{
	int rc = register_trace_net_dev_start_xmit(on_start_xmit, NULL);

	return rc ?: register_trace_net_dev_xmit(on_xmit, NULL) ?: register_trace_netif_rx_entry(on_receive, NULL) ?:
	       register_trace_netif_receive_skb_entry(on_receive, NULL) ?:
	       register_trace_netif_receive_skb_list_entry(on_receive, NULL) ?:
	       register_trace_napi_gro_receive_entry(on_receive, NULL) ?:
	       register_trace_napi_gro_frags_entry(on_receive, NULL);
}

static int packets_off(void)
{
	unregister_trace_net_dev_start_xmit(on_start_xmit, NULL);
	unregister_trace_net_dev_xmit(on_xmit, NULL);
	unregister_trace_netif_rx_entry(on_receive, NULL);
	unregister_trace_netif_receive_skb_entry(on_receive, NULL);
	unregister_trace_netif_receive_skb_list_entry(on_receive, NULL);
	unregister_trace_napi_gro_receive_entry(on_receive, NULL);
	unregister_trace_napi_gro_frags_entry(on_receive, NULL);
	return 0;
}

static struct dde_probe probe = { .category = DDET_CAT_PACKET, .on = packets_on, .off = packets_off };

static int __init packets_init(void)
{
	dde_probes_add(&probe, 1);
	return 0;
}
early_initcall(packets_init);
