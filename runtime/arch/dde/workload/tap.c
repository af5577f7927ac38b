// SPDX-License-Identifier: GPL-2.0-only
/*
 * The card as a network interface of the host, for any of its programs: --name NAME, --address A.B.C.D/N of it, --duration N[ns]. What the
 * card receives goes to the host before this side's IP sees it, joined by GRO; what the host sends goes to the card's queue, with the segments
 * and checksums that were left to it.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/inet.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/kthread.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/virtio_net.h>
#include <linux/vmalloc.h>
#include <ddekit/irq.h>
#include <ddekit/tap.h>

#include "workload.h"

#define ROOM (DDEKIT_TAP_HEAD + ETH_HLEN + VLAN_HLEN + 65536)
/* Frames of up to 64 KiB under way in the card's queues: no more than some memory, whatever the host sends. */
#define UNDER_WAY 64
#define AT_ONCE 64

static struct tap {
	struct net_device *dev;
	u8 *in, *out;
	u64 sent, received, lost;
	atomic_t under_way;
	bool more, stop;
} tap;
static DECLARE_WAIT_QUEUE_HEAD(wake);

static irqreturn_t on_frame(int irq, void *arg)
{
	WRITE_ONCE(tap.more, true);
	wake_up(&wake);
	return IRQ_HANDLED;
}

/* The card has it, or nobody. */
static void gone(struct sk_buff *skb)
{
	if (atomic_dec_return(&tap.under_way) == UNDER_WAY / 2)
		wake_up(&wake);
}

static int send_frame(const u8 *frame, u32 size)
{
	const struct virtio_net_hdr *head = (const void *)frame;
	u32 len = size - DDEKIT_TAP_HEAD, linear = min_t(u32, len, 128);
	struct sk_buff *skb;
	int err;

	if (size < DDEKIT_TAP_HEAD + ETH_HLEN)
		return -EINVAL;
	skb = alloc_skb_with_frags(LL_RESERVED_SPACE(tap.dev) + linear, len - linear, PAGE_ALLOC_COSTLY_ORDER, &err, GFP_KERNEL);
	if (!skb)
		return err;
	skb_reserve(skb, LL_RESERVED_SPACE(tap.dev));
	skb_put(skb, linear);
	skb->data_len = len - linear;
	skb->len += len - linear;
	skb_store_bits(skb, 0, frame + DDEKIT_TAP_HEAD, len);
	skb->dev = tap.dev;
	skb_reset_mac_header(skb);
	skb->protocol = eth_hdr(skb)->h_proto;
	skb_set_network_header(skb, ETH_HLEN);
	err = virtio_net_hdr_to_skb(skb, head, true);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	skb_probe_transport_header(skb);
	atomic_inc(&tap.under_way);
	skb->destructor = gone;
	err = dev_queue_xmit(skb);
	return err == NET_XMIT_CN ? 0 : err;
}

static bool room(void)
{
	return atomic_read(&tap.under_way) < UNDER_WAY;
}

static int transmit(void *arg)
{
	unsigned int n = 0;

	while (!READ_ONCE(tap.stop)) {
		long size;

		wait_event(wake, READ_ONCE(tap.stop) || (READ_ONCE(tap.more) && room()));
		WRITE_ONCE(tap.more, false);
		while (room() && (size = ddekit_tap_read(tap.out, ROOM)) != 0) {
			tap.sent++;
			if (size < 0 || send_frame(tap.out, size))
				tap.lost++;
			if (size < 0)
				break;
			if (++n % AT_ONCE == 0)
				cond_resched();
		}
		if (!room())
			WRITE_ONCE(tap.more, true);
	}
	return 0;
}

/* Softirq. */
static rx_handler_result_t receive(struct sk_buff **pskb)
{
	struct virtio_net_hdr *head = (void *)tap.in;
	struct sk_buff *skb = skb_share_check(*pskb, GFP_ATOMIC);

	if (!skb)
		return RX_HANDLER_CONSUMED;
	skb_push(skb, ETH_HLEN);
	if (skb_vlan_tag_present(skb)) {
		skb = __vlan_hwaccel_push_inside(skb);
		if (!skb)
			return RX_HANDLER_CONSUMED;
	}
	tap.received++;
	if (skb->len <= ROOM - DDEKIT_TAP_HEAD && !virtio_net_hdr_from_skb(skb, head, true, true, 0) &&
	    !skb_copy_bits(skb, 0, tap.in + DDEKIT_TAP_HEAD, skb->len) && !ddekit_tap_write(tap.in, DDEKIT_TAP_HEAD + skb->len))
		consume_skb(skb);
	else
		kfree_skb(skb);
	return RX_HANDLER_CONSUMED;
}

static int connect(void)
{
	int err;

	irq_set_chip_and_handler(DDEKIT_IRQ_TAP, &dummy_irq_chip, handle_simple_irq);
	err = request_irq(DDEKIT_IRQ_TAP, on_frame, 0, "dde-tap", &tap);
	if (err)
		return err;
	rtnl_lock();
	err = netdev_rx_handler_register(tap.dev, receive, NULL);
	rtnl_unlock();
	if (err)
		free_irq(DDEKIT_IRQ_TAP, &tap);
	return err;
}

static void disconnect(void)
{
	rtnl_lock();
	netdev_rx_handler_unregister(tap.dev);
	rtnl_unlock();
	free_irq(DDEKIT_IRQ_TAP, &tap);
}

static void serve(u64 duration)
{
	struct task_struct *thread = kthread_run(transmit, NULL, "dde-tap");
	u64 end = ddekit_time_ns() + duration;

	if (IS_ERR(thread))
		return;
	get_task_struct(thread);
	/* Who unbinds the driver meanwhile waits for our reference. */
	while (!dde_stopping() && (!duration || ddekit_time_ns() < end) && READ_ONCE(tap.dev->reg_state) == NETREG_REGISTERED)
		dde_sleep_ms(20);
	WRITE_ONCE(tap.stop, true);
	wake_up(&wake);
	kthread_stop(thread);
	put_task_struct(thread);
}

static int run_tap(const struct dde_args *args)
{
	u64 duration = dde_arg_ns(args, "--duration");
	unsigned int prefix = 0;
	char name[16];
	u32 ip = 0;
	int err;

	strscpy(name, dde_arg_str(args, "--name", "dde%d"), sizeof(name));
	if (!dde_read_address(dde_arg_str(args, "--address", "0.0.0.0/1"), &ip, &prefix))
		return dde_fail("tap", "--address: not A.B.C.D/N"), DDEKIT_EXIT_USAGE;
	tap = (struct tap){ .dev = dde_net_link("tap"), .more = true };
	if (!tap.dev)
		return DDEKIT_EXIT_WORKLOAD;
	dev_hold(tap.dev);
	err = ddekit_tap_open(name, tap.dev->dev_addr, tap.dev->mtu, ip, prefix);
	if (err) {
		dev_put(tap.dev);
		return dde_fail("tap", "the host gives no TAP interface %s: error %d%s", name, err,
				err == -EPERM ? " (it needs root or CAP_NET_ADMIN)" : "");
	}
	tap.in = vmalloc(ROOM);
	tap.out = vmalloc(ROOM);
	err = tap.in && tap.out ? connect() : -ENOMEM;
	if (!err) {
		dde_result("{\"type\":\"tap\",\"name\":\"%s\",\"netdev\":\"%s\"}", name, tap.dev->name);
		serve(duration);
		disconnect();
	}
	ddekit_tap_close();
	dev_put(tap.dev);
	vfree(tap.in);
	vfree(tap.out);
	if (err)
		return dde_fail("tap", "%s cannot be connected: error %d", name, err);
	dde_result("{\"type\":\"result\",\"workload\":\"tap\",\"ok\":true,\"name\":\"%s\",\"toCard\":%llu,\"toHost\":%llu,\"lost\":%llu}", name,
		   tap.sent, tap.received, tap.lost);
	return 0;
}

const struct dde_workload dde_tap = { "tap", run_tap };
