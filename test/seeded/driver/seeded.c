// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver for QEMU's `edu` device (1234:11e8) with one bug a kind, chosen by seeded.bug; with none it is clean. The comment
 * BUG NAME: KIND stands in the line that the finding KIND must name when seeded.bug=NAME (seeded.test.ts reads them); for what a
 * whole function does that is its opening brace.
 * The device: BAR 0, 0x20 status, 0x24 interrupt status, 0x60 raise, 0x64 acknowledge; 0x80 .. 0x98 copying
 * from its buffer to memory (QEMU docs/specs/edu).
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

/* Its name before Linux 6.8. */
#ifndef PCI_IRQ_INTX
#define PCI_IRQ_INTX PCI_IRQ_LEGACY
#endif

#define STATUS 0x20
#define CAUSE 0x24
#define RAISE 0x60
#define ACK 0x64
#define DMA_FROM 0x80
#define DMA_TO 0x88
#define DMA_COUNT 0x90
#define DMA_COMMAND 0x98
#define DMA_BUFFER 0x40000
#define SIZE 256
#define MANY 1500

static char *bug = "none";
module_param(bug, charp, 0444);
MODULE_PARM_DESC(bug, "the bug to have");

static struct pci_dev *pdev;
static struct kmem_cache *cache;
static void __iomem *regs;
static u8 *buffer;
static dma_addr_t dma;
static unsigned int interrupts, polls;
static bool ending;
static struct net_device dummy;
static struct napi_struct napi;
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);
static DEFINE_MUTEX(second);
static volatile u8 sink;

static bool has(const char *name)
{
	return !strcmp(bug, name);
}

/* Interrupts */
static irqreturn_t handler(int irq, void *data)
{
	u32 cause = readl(regs + CAUSE);

	if (!cause)
		return IRQ_NONE;
	interrupts++;
	if (has("sleep-in-handler")) {
		mutex_lock(&mutex); /* BUG sleep-in-handler: sleep-in-atomic */
		mutex_unlock(&mutex);
	}
	if (has("napi-no-complete") || has("napi-complete-full") || has("napi-lost"))
		napi_schedule(&napi);
	writel(cause, regs + ACK);
	return IRQ_HANDLED;
}

static irqreturn_t deaf(int irq, void *data)
{ /* BUG irq-unclaimed: irq-unclaimed */
	writel(readl(regs + CAUSE), regs + ACK);
	return IRQ_NONE;
}

static irqreturn_t stormy(int irq, void *data)
{ /* BUG irq-storm: irq-storm */
	/* The cause stays set, so the line stays up; after a while it is cleared for the run to end. */
	if (++interrupts > 30000)
		writel(~0, regs + ACK);
	return IRQ_HANDLED;
}

static int poll_forgets(struct napi_struct *n, int budget)
{ /* BUG napi-no-complete: napi-not-completed */
	if (ending)
		napi_complete_done(n, 0);
	return 0;
}

static int poll_completes(struct napi_struct *n, int budget)
{ /* BUG napi-complete-full: napi-complete-full */
	napi_complete_done(n, budget - 1);
	return polls++ ? 0 : budget;
}

static int poll_full(struct napi_struct *n, int budget)
{ /* BUG napi-lost: napi-stalled */
	if (!polls++)
		return budget;
	napi_complete_done(n, 0);
	return 0;
}

/* Timers and work */
static void timer_expired(struct timer_list *t);
static DEFINE_TIMER(timer, timer_expired);

static void timer_expired(struct timer_list *t)
{
	if (has("timer-rearmed"))
		mod_timer(&timer, jiffies + msecs_to_jiffies(20)); /* BUG timer-rearmed: timer-after-remove */
	if (has("sleep-in-timer"))
		kfree(kmalloc(100, GFP_KERNEL)); /* BUG sleep-in-timer: sleep-in-atomic */
	if (has("delay-in-timer"))
		mdelay(12); /* BUG delay-in-timer: long-delay */
}

static void work_done(struct work_struct *w)
{
}

static DECLARE_WORK(work, work_done);
static DECLARE_DELAYED_WORK(delayed, work_done);

/* DMA */
static noinline void dma_bugs(struct device *dev)
{
	dma_addr_t a, b;
	void *p;

	if (has("unmap-unknown"))
		dma_unmap_single(dev, dma + 0x100000, 64, DMA_TO_DEVICE); /* BUG unmap-unknown: dma-unmap-without-map */
	/* The same address twice would be another mapping of the whole buffer. */
	a = dma_map_single(dev, buffer + 16, 64, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, a))
		return;
	if (has("wrong-size"))
		dma_unmap_single(dev, a, 32, DMA_TO_DEVICE); /* BUG wrong-size: dma-wrong-size */
	else if (has("wrong-direction"))
		dma_unmap_single(dev, a, 64, DMA_FROM_DEVICE); /* BUG wrong-direction: dma-wrong-direction */
	else if (has("never-unmapped"))
		b = dma_map_single(dev, buffer + 128, 64, DMA_TO_DEVICE); /* BUG never-unmapped: dma-leak */
	if (!has("wrong-size") && !has("wrong-direction"))
		dma_unmap_single(dev, a, 64, DMA_TO_DEVICE);
	if (has("unmap-twice"))
		dma_unmap_single(dev, a, 64, DMA_TO_DEVICE); /* BUG unmap-twice: dma-double-unmap */
	if (has("stale-address"))
		writel(a, regs + DMA_FROM); /* BUG stale-address: dma-stale-address */
	if (has("page-unmap-twice")) {
		b = dma_map_page(dev, virt_to_page(buffer), 0, 64, DMA_FROM_DEVICE);
		dma_unmap_page(dev, b, 64, DMA_FROM_DEVICE);
		dma_unmap_page(dev, b, 64, DMA_FROM_DEVICE); /* BUG page-unmap-twice: dma-double-unmap */
	}
	if (has("coherent-leak"))
		p = dma_alloc_coherent(dev, 4096, &b, GFP_KERNEL); /* BUG coherent-leak: dma-leak */
	if (has("coherent-wrong-size")) {
		p = dma_alloc_coherent(dev, 8192, &b, GFP_KERNEL);
		dma_free_coherent(dev, 16384, p, b); /* BUG coherent-wrong-size: dma-wrong-size */
	}
	if (has("error-unchecked")) {
		a = dma_map_single(dev, buffer + 16, 64, DMA_TO_DEVICE); /* BUG error-unchecked: dma-error-unchecked */
		dma_unmap_single(dev, a, 64, DMA_TO_DEVICE);
	}
}

/* The device writes zeros. */
static void device_writes(dma_addr_t to, unsigned int size)
{
	unsigned int tries = 1000;

	writel(DMA_BUFFER, regs + DMA_FROM);
	writel(to, regs + DMA_TO);
	writel(size, regs + DMA_COUNT);
	writel(1 | 2, regs + DMA_COMMAND);
	while (readl(regs + DMA_COMMAND) & 1 && tries--)
		msleep(5);
}

static noinline void give_back_bugs(struct device *dev)
{
	u8 *page = (u8 *)__get_free_page(GFP_KERNEL);
	dma_addr_t from, to;

	memset(page, 0xff, PAGE_SIZE);
	from = dma_map_single(dev, page, 128, DMA_FROM_DEVICE);
	to = dma_map_single(dev, page + 2048, 128, DMA_TO_DEVICE);
	/* Of different sizes, or the compiler makes them one call on one line. */
	if (has("device-sync-missing"))
		dma_sync_single_for_cpu(dev, from, 64, DMA_FROM_DEVICE); /* BUG device-sync-missing: dma-device-sync-missing */
	else if (has("both-syncs-missing"))
		dma_sync_single_for_cpu(dev, from, 96, DMA_FROM_DEVICE); /* BUG both-syncs-missing: dma-device-sync-missing */
	else
		dma_sync_single_for_cpu(dev, from, 128, DMA_FROM_DEVICE);
	sink = page[0];
	if (!has("device-sync-missing") && !has("both-syncs-missing"))
		dma_sync_single_for_device(dev, from, 128, DMA_FROM_DEVICE);
	device_writes(from, 128);
	if (!has("both-syncs-missing"))
		dma_sync_single_for_cpu(dev, from, 128, DMA_FROM_DEVICE);
	sink = page[0];
	/* The CPU may write to what it owns. */
	if (!has("both-syncs-missing"))
		page[1] = 7;
	dma_unmap_single(dev, from, 128, DMA_FROM_DEVICE);

	dma_sync_single_for_cpu(dev, to, 128, DMA_TO_DEVICE); /* BUG written-not-given: dma-device-sync-missing */
	page[2048] = 3;
	if (!has("written-not-given"))
		dma_sync_single_for_device(dev, to, 128, DMA_TO_DEVICE);
	dma_sync_single_for_cpu(dev, to, 128, DMA_TO_DEVICE);
	page[2049] = 4;
	dma_sync_single_for_device(dev, to, 128, DMA_TO_DEVICE);
	dma_unmap_single(dev, to, 128, DMA_TO_DEVICE);
	free_page((unsigned long)page);
}

static noinline void ownership_bugs(struct device *dev)
{
	u8 *page = (u8 *)__get_free_page(GFP_KERNEL);
	dma_addr_t to = dma_map_single(dev, page, 128, DMA_TO_DEVICE);
	dma_addr_t from = dma_map_single(dev, page + 2048, 128, DMA_FROM_DEVICE);

	/* Next to the mappings in the same page, which is nobody's business. */
	page[1024] = 1;
	sink = page[1024];
	dma_sync_single_for_cpu(dev, from, 128, DMA_FROM_DEVICE);
	sink = page[2048];
	dma_sync_single_for_device(dev, from, 128, DMA_FROM_DEVICE);
	if (has("write-while-mapped"))
		page[5] = 1; /* BUG write-while-mapped: dma-cpu-write */
	if (has("sync-missing"))
		sink = page[2050]; /* BUG sync-missing: dma-sync-missing */
	dma_unmap_single(dev, to, 128, DMA_TO_DEVICE);
	dma_unmap_single(dev, from, 128, DMA_FROM_DEVICE);
	free_page((unsigned long)page);
}

static noinline void map_many(struct device *dev)
{
	dma_addr_t *all = kcalloc(MANY, sizeof(*all), GFP_KERNEL);
	u8 *data = kmalloc(MANY, GFP_KERNEL);
	int i;

	for (i = 0; all && data && i < MANY; i++)
		all[i] = dma_map_single(dev, data + i, 1, DMA_TO_DEVICE); /* BUG linear-list: api-growth */
	while (all && data && i--)
		dma_unmap_single(dev, all[i], 1, DMA_TO_DEVICE);
	kfree(data);
	kfree(all);
}

/* Contexts and locks */
static noinline void atomic_bugs(void)
{
	unsigned long flags;

	if (has("sleep-irqs-off")) {
		spin_lock_irqsave(&lock, flags);
		kfree(kzalloc(64, GFP_KERNEL)); /* BUG sleep-irqs-off: sleep-in-atomic */
		spin_unlock_irqrestore(&lock, flags);
	}
	if (has("sleep-bh-off")) {
		spin_lock_bh(&lock);
		cancel_work_sync(&work); /* BUG sleep-bh-off: sleep-in-atomic */
		spin_unlock_bh(&lock);
	}
	if (has("lock-held")) {
		mutex_lock(&mutex); /* BUG lock-held: lock-held */
		mdelay(2200);
		mutex_unlock(&mutex);
	}
	if (has("lock-order")) {
		mutex_lock(&mutex);
		mutex_lock(&second);
		mutex_unlock(&second);
		mutex_unlock(&mutex);
		mutex_lock(&second);
		mutex_lock(&mutex); /* BUG lock-order: lock-order */
		mutex_unlock(&mutex);
		mutex_unlock(&second);
	}
	if (has("busy-wait")) {
		ktime_t end = ktime_add_ms(ktime_get(), 30);

		while (ktime_before(ktime_get(), end) && !(readl(regs + STATUS) & 0x40000000)) /* BUG busy-wait: busy-wait */
			;
	}
	if (has("warning"))
		WARN_ON(interrupts < 1000000); /* BUG warning: kernel-warning */
}

/* A module's own accesses. */
static noinline void access_bugs(void)
{
	static const u8 table[5] = { 1, 2, 3, 4, 5 };
	u32 *memory = kmalloc(40, GFP_KERNEL);
	u8 *room = kmalloc(13, GFP_KERNEL);
	int i, last = sizeof(table) - !has("index-beyond");

	for (i = 0; i <= last; i++)
		sink = table[i]; /* BUG index-beyond: index-beyond */
	if (!memory || !room)
		return;
	memset(memory, 0, 40);
	sink = memory[9];
	room[12] = 1;
	if (has("read-beyond"))
		sink = memory[10]; /* BUG read-beyond: access-beyond */
	if (has("byte-beyond"))
		sink = room[13]; /* BUG byte-beyond: access-beyond */
	kfree(room);
	kfree(memory);
	if (has("read-freed"))
		sink = memory[1]; /* BUG read-freed: access-freed */
}

/* What leaks, and beside it the same without a leak. */
static noinline void leak_bugs(void)
{
	void __iomem *again = pci_iomap(pdev, 0, 0);
	struct net_device *netdev;
	struct sk_buff *skb;
	unsigned long page;
	struct page *pages;
	void *memory;

	if (again)
		pci_iounmap(pdev, again);
	memory = vzalloc(3 * PAGE_SIZE);
	vfree(memory);
	if (has("vmalloc-leak"))
		memory = vmalloc(5000); /* BUG vmalloc-leak: memory-leak */
	memory = kvmalloc(20000, GFP_KERNEL);
	kvfree(memory);
	if (has("kvmalloc-leak"))
		memory = kvzalloc(2 * PAGE_SIZE, GFP_KERNEL); /* BUG kvmalloc-leak: memory-leak */
	pages = alloc_pages(GFP_KERNEL, 1);
	if (pages)
		__free_pages(pages, 1);
	if (has("pages-leak"))
		pages = alloc_pages(GFP_KERNEL, 2); /* BUG pages-leak: page-leak */
	page = get_zeroed_page(GFP_KERNEL);
	free_page(page);
	if (has("page-leak"))
		page = get_zeroed_page(GFP_KERNEL); /* BUG page-leak: page-leak */
	/* One that the driver frees, one that it gives to the stack. */
	skb = alloc_skb(100, GFP_KERNEL);
	kfree_skb(skb);
	netdev = alloc_etherdev(0);
	if (!netdev)
		return;
	skb = netdev_alloc_skb(netdev, 200);
	dev_kfree_skb_any(skb);
	skb = netdev_alloc_skb(netdev, 64);
	if (skb) {
		memset(skb_put(skb, 60), 0, 60);
		skb->protocol = eth_type_trans(skb, netdev);
		netif_rx(skb);
	}
	msleep(5);
	free_netdev(netdev);
	if (has("skb-leak"))
		skb = netdev_alloc_skb(NULL, 300); /* BUG skb-leak: skb-leak */
	if (has("alloc-skb-leak"))
		skb = alloc_skb(300, GFP_KERNEL); /* BUG alloc-skb-leak: skb-leak */
	if (has("netdev-leak"))
		netdev = alloc_etherdev(8); /* BUG netdev-leak: netdev-leak */
}

static noinline void late_bugs(void)
{
	if (has("timer-pending"))
		mod_timer(&timer, jiffies + 100 * HZ); /* BUG timer-pending: timer-after-remove */
	if (has("timer-rearmed") || has("sleep-in-timer") || has("delay-in-timer"))
		mod_timer(&timer, jiffies + msecs_to_jiffies(10));
	if (has("work-pending"))
		schedule_delayed_work(&delayed, 100 * HZ); /* BUG work-pending: timer-after-remove */
}

static noinline void raise(unsigned int times)
{
	while (times--) {
		writel(1, regs + RAISE);
		usleep_range(200, 300);
	}
}

static irq_handler_t chosen_handler(void)
{
	if (has("irq-unclaimed"))
		return deaf;
	return has("irq-storm") ? stormy : handler;
}

static int napi_begin(void)
{
	init_dummy_netdev(&dummy);
	if (has("napi-no-complete"))
		netif_napi_add(&dummy, &napi, poll_forgets);
	else if (has("napi-complete-full"))
		netif_napi_add(&dummy, &napi, poll_completes);
	else
		netif_napi_add(&dummy, &napi, poll_full);
	napi_enable(&napi);
	return 0;
}

static void napi_end(void)
{
	ending = true;
	if (has("napi-no-complete"))
		napi_complete(&napi);
	napi_disable(&napi);
	netif_napi_del(&napi);
}

static int seeded_probe(struct pci_dev *dev, const struct pci_device_id *id)
{
	void *leaked;
	int err;

	pdev = dev;
	err = pci_enable_device(pdev);
	if (err)
		return err;
	err = pci_request_regions(pdev, "seeded"); /* BUG region-leak: region-leak */
	if (err)
		goto disable;
	err = -ENOMEM;
	regs = pci_iomap(pdev, 0, 0); /* BUG ioremap-leak: ioremap-leak */
	if (!regs)
		goto release;
	pci_set_master(pdev);
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(32));
	if (err)
		goto unmap;
	err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI | PCI_IRQ_INTX);
	if (err < 0)
		goto unmap;
	napi_begin();
	err = request_irq(pci_irq_vector(pdev, 0), chosen_handler(), IRQF_SHARED, "seeded", &napi); /* BUG irq-leak: irq-leak */
	if (err)
		goto vectors;
	cache = kmem_cache_create("seeded", 200, 0, 0, NULL);
	if (!cache)
		goto irq;
	buffer = kmalloc(SIZE, GFP_KERNEL);
	if (!buffer)
		goto cache;
	dma = dma_map_single(&pdev->dev, buffer, SIZE, DMA_TO_DEVICE);
	if (dma_mapping_error(&pdev->dev, dma))
		goto memory;
	if (has("memory-leak"))
		leaked = kmalloc(77, GFP_KERNEL); /* BUG memory-leak: memory-leak */
	if (has("cache-leak"))
		leaked = kmem_cache_alloc(cache, GFP_KERNEL); /* BUG cache-leak: memory-leak */
	leaked = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_ZERO);
	if (leaked)
		kmem_cache_free(cache, leaked);
	if (has("irq-masked"))
		disable_irq(pci_irq_vector(pdev, 0)); /* BUG irq-masked: irq-left-masked */
	raise(has("irq-unclaimed") ? 150 : 3);
	dma_bugs(&pdev->dev);
	ownership_bugs(&pdev->dev);
	give_back_bugs(&pdev->dev);
	map_many(&pdev->dev);
	atomic_bugs();
	access_bugs();
	leak_bugs();
	late_bugs();
	pci_info(pdev, "seeded: ready with bug %s\n", bug);
	return 0;
memory:
	kfree(buffer);
cache:
	kmem_cache_destroy(cache);
irq:
	free_irq(pci_irq_vector(pdev, 0), &napi);
vectors:
	pci_free_irq_vectors(pdev);
	napi_end();
unmap:
	pci_iounmap(pdev, regs);
release:
	pci_release_regions(pdev);
disable:
	pci_disable_device(pdev);
	return err;
}

static void seeded_remove(struct pci_dev *dev)
{
	if (!has("timer-pending") && !has("timer-rearmed"))
		del_timer_sync(&timer);
	if (!has("work-pending"))
		cancel_delayed_work_sync(&delayed);
	cancel_work_sync(&work);
	dma_unmap_single(&pdev->dev, dma, SIZE, DMA_TO_DEVICE);
	kfree(buffer);
	if (!has("cache-leak"))
		kmem_cache_destroy(cache);
	if (!has("irq-leak"))
		free_irq(pci_irq_vector(pdev, 0), &napi);
	napi_end();
	if (!has("irq-leak"))
		pci_free_irq_vectors(pdev);
	if (!has("ioremap-leak"))
		pci_iounmap(pdev, regs);
	if (!has("region-leak"))
		pci_release_regions(pdev);
	pci_disable_device(pdev);
	if (has("timer-in-remove"))
		mod_timer(&timer, jiffies + HZ); /* BUG timer-in-remove: timer-after-remove */
	if (has("work-in-remove"))
		schedule_work(&work); /* BUG work-in-remove: timer-after-remove */
}

static const struct pci_device_id seeded_ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { 0 } };
MODULE_DEVICE_TABLE(pci, seeded_ids);

static struct pci_driver seeded_driver = {
	.name = "seeded",
	.id_table = seeded_ids,
	.probe = seeded_probe,
	.remove = seeded_remove,
};
module_pci_driver(seeded_driver);
MODULE_LICENSE("GPL");
