// SPDX-License-Identifier: GPL-2.0-only
// an Ethernet card: edu's DMA engine as the wire
#include "../common.h"
#include <linux/netdevice.h>
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/timer.h>

struct nic {
	struct pci_dev *pdev;
	struct net_device *nd;
	void __iomem *io;
	struct napi_struct napi;
	struct timer_list tick;
	struct work_struct reset;
	spinlock_t lock;
	u64 pkts;
	int rx;
};

static int nic_poll(struct napi_struct *napi, int budget)
{ // ALT n-poll-budget n-poll-over
	struct nic *n = container_of(napi, struct nic, napi);
	int done = 0;

	while (n->rx && done < budget) {
		struct sk_buff *skb;

		if (IS("n-poll-sleep"))
			skb = __netdev_alloc_skb(n->nd, 128, GFP_KERNEL); // HERE n-poll-sleep
		else
			skb = napi_alloc_skb(napi, 128);
		if (!skb)
			break;
		memset(skb_put(skb, 60), 0xff, 60);
		skb->protocol = eth_type_trans(skb, n->nd);
		if (IS("n-skb-overrun"))
			skb_put(skb, 4096); // HERE n-skb-overrun
		napi_gro_receive(napi, skb);
		if (IS("n-skb-after"))
			n->pkts += skb->len, kfree_skb(skb); // HERE n-skb-after
		n->rx--;
		done++;
	}
	spin_lock(&n->lock);
	n->pkts += done;
	spin_unlock(&n->lock);
	if (done < budget) {
		napi_complete_done(napi, done);
		if (IS("n-poll-budget"))
			return budget; // HERE n-poll-budget
	}
	if (IS("n-poll-over"))
		return budget + 3; // ALT n-poll-over
	return done;
} // HERE n-poll-over

static void nic_tick(struct timer_list *t)
{
	struct nic *n = from_timer(n, t, tick);

	n->rx = 2;
	napi_schedule(&n->napi);
	mod_timer(&n->tick, jiffies + HZ / 10);
}

static netdev_tx_t nic_xmit(struct sk_buff *skb, struct net_device *nd)
{ // ALT n-tx-leak
	struct nic *n = netdev_priv(nd);
	dma_addr_t a;

	if (IS("n-tx-busy-freed")) {
		dev_kfree_skb_any(skb); // ALT n-tx-busy-freed
		return NETDEV_TX_BUSY; // HERE n-tx-busy-freed
	}
	if (IS("n-tx-leak"))
		return NETDEV_TX_OK; // HERE n-tx-leak
	if (IS("n-tx-mutex")) {
		rtnl_lock(); // HERE n-tx-mutex
		rtnl_unlock();
	}
	a = dma_map_single(&n->pdev->dev, skb->data, skb_headlen(skb), DMA_TO_DEVICE); // ALT n-tx-unmap-len n-tx-map-leak n-tx-dir
	if (!IS("n-tx-nocheck") && dma_mapping_error(&n->pdev->dev, a))
		goto drop;
	if (IS("n-tx-unmap-len"))
		dma_unmap_single(&n->pdev->dev, a, ETH_FRAME_LEN, DMA_TO_DEVICE); // HERE n-tx-unmap-len
	else if (IS("n-tx-dir"))
		dma_unmap_single(&n->pdev->dev, a, skb_headlen(skb), DMA_FROM_DEVICE); // HERE n-tx-dir
	else if (IS("n-tx-page"))
		dma_unmap_page(&n->pdev->dev, a, skb_headlen(skb), DMA_TO_DEVICE);
	else if (!IS("n-tx-map-leak")) // HERE n-tx-map-leak
		dma_unmap_single(&n->pdev->dev, a, skb_headlen(skb), DMA_TO_DEVICE);
	if (IS("n-tx-stuck")) {
		netif_stop_queue(nd); // HERE n-tx-stuck
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
drop:
	if (IS("n-stat-after-free")) {
		dev_kfree_skb_any(skb);
		nd->stats.tx_bytes += skb->len; // HERE n-stat-after-free
		return NETDEV_TX_OK;
	}
	nd->stats.tx_packets++;
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static int nic_open(struct net_device *nd)
{
	struct nic *n = netdev_priv(nd);

	if (!IS("n-napi-noenable"))
		napi_enable(&n->napi);
	mod_timer(&n->tick, jiffies + HZ / 10);
	netif_start_queue(nd);
	netif_carrier_on(nd);
	return 0;
}

static int nic_stop(struct net_device *nd)
{
	struct nic *n = netdev_priv(nd);

	netif_stop_queue(nd);
	if (IS("n-stop-order")) {
		napi_disable(&n->napi);
		napi_disable(&n->napi); // HERE n-stop-order
	}
	if (!IS("n-timer-left"))
		del_timer_sync(&n->tick);
	napi_disable(&n->napi); // HERE n-napi-noenable
	return 0;
}

static struct net_device_stats *nic_stats(struct net_device *nd)
{
	struct nic *n = netdev_priv(nd);

	if (IS("n-stats-lock"))
		spin_lock(&n->lock); // HERE n-stats-lock
	else
		spin_lock_bh(&n->lock);
	nd->stats.rx_packets = n->pkts;
	if (IS("n-stats-lock"))
		spin_unlock(&n->lock);
	else
		spin_unlock_bh(&n->lock);
	return &nd->stats;
}

static void nic_reset(struct work_struct *w)
{
	struct nic *n = container_of(w, struct nic, reset);

	rtnl_lock(); // ALT n-rtnl-cancel
	n->pkts = 0;
	rtnl_unlock();
}

static const struct net_device_ops nic_ops = {
	.ndo_open = nic_open, .ndo_stop = nic_stop, .ndo_start_xmit = nic_xmit, .ndo_get_stats = nic_stats,
	.ndo_set_mac_address = eth_mac_addr,
};

static int nic_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct net_device *nd;
	struct nic *n;
	int rc = pci_enable_device(pdev);

	if (rc)
		return rc;
	pci_set_master(pdev);
	dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(28));
	nd = alloc_etherdev(sizeof(*n)); // HERE n-netdev-leak
	n = netdev_priv(nd);
	n->nd = nd;
	n->pdev = pdev;
	spin_lock_init(&n->lock);
	n->io = pci_ioremap_bar(pdev, 0);
	timer_setup(&n->tick, nic_tick, 0);
	INIT_WORK(&n->reset, nic_reset);
	nd->netdev_ops = &nic_ops;
	nd->watchdog_timeo = HZ;
	SET_NETDEV_DEV(nd, &pdev->dev);
	eth_hw_addr_random(nd);
	netif_napi_add(nd, &n->napi, nic_poll);
	rc = register_netdev(nd); // HERE n-reg-fail
	if (rc)
		return rc;
	pci_set_drvdata(pdev, nd);
	if (IS("n-reg-fail")) {
		iounmap(n->io);
		pci_disable_device(pdev);
		return -EIO;
	}
	schedule_work(&n->reset);
	return 0;
}

static void nic_remove(struct pci_dev *pdev)
{
	struct net_device *nd = pci_get_drvdata(pdev);
	struct nic *n = netdev_priv(nd);

	if (IS("n-unreg-rtnl")) {
		rtnl_lock();
		unregister_netdev(nd); // HERE n-unreg-rtnl
		rtnl_unlock();
	} else if (IS("n-rtnl-cancel")) {
		schedule_work(&n->reset);
		rtnl_lock();
		cancel_work_sync(&n->reset); // HERE n-rtnl-cancel
		rtnl_unlock();
		unregister_netdev(nd);
	} else if (!IS("n-free-registered")) {
		unregister_netdev(nd);
	}
	cancel_work_sync(&n->reset);
	iounmap(n->io);
	pci_disable_device(pdev);
	if (IS("n-use-after-netdev")) {
		free_netdev(nd);
		n->pkts = 0; // HERE n-use-after-netdev
		return;
	}
	if (!IS("n-netdev-leak"))
		free_netdev(nd); // HERE n-free-registered
}

static const struct pci_device_id ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };
static struct pci_driver drv = { .name = "nic", .id_table = ids, .probe = nic_probe, .remove = nic_remove };
module_pci_driver(drv);
