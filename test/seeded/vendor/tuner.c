// SPDX-License-Identifier: GPL-2.0-only
/* Own code: faults in the style of small vendor drivers. fault=NAME; the line that a finding must name ends in the comment @NAME. */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/interrupt.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/fs.h>
#include <linux/device.h>
#include <linux/platform_device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/idr.h>
#include <linux/mempool.h>
#include <linux/timer.h>
#include <linux/netdevice.h>
#include <linux/sysfs.h>
#include <linux/completion.h>
#include <linux/string.h>

static char *fault = "";
module_param(fault, charp, 0);
#define F(x) (!strcmp(fault, x))

struct tuner {
	struct pci_dev *pdev;
	u8 __iomem *mmio;
	int major;
	struct dma_pool *pool;
	struct kmem_cache *cache;
	mempool_t *mempool;
	struct platform_device *child;
	struct delayed_work poll;
	struct completion ready;
	u32 *table;
	u32 level;
};

static DEFINE_IDA(tuner_ids);
static struct packet_type tuner_pt;
static void *global_buffer;

static ssize_t level_show(struct device *d, struct device_attribute *a, char *b) { return sprintf(b, "1\n"); }
static DEVICE_ATTR_RO(level);
static struct attribute *tuner_attrs[] = { &dev_attr_level.attr, NULL };
static const struct attribute_group tuner_group = { .name = "tuner", .attrs = tuner_attrs };
static const struct file_operations tuner_fops = { .owner = THIS_MODULE };

static irqreturn_t tuner_isr(int irq, void *p) { return IRQ_NONE; }
static int tuner_pt_rcv(struct sk_buff *skb, struct net_device *d, struct packet_type *pt, struct net_device *o) { kfree_skb(skb); return 0; }
static void tuner_poll(struct work_struct *w) { struct tuner *t = container_of(to_delayed_work(w), struct tuner, poll); t->level++; schedule_delayed_work(&t->poll, HZ / 50); /* @rearm */ }

static int tuner_probe(struct pci_dev *pdev, const struct pci_device_id *ent)
{
	struct tuner *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int i, ret = -ENOMEM;

	if (!t)
		goto out;
	t->pdev = pdev;
	init_completion(&t->ready);
	INIT_DELAYED_WORK(&t->poll, tuner_poll);
	if ((ret = pci_enable_device(pdev))) /* @enabled */
		goto free;
	pci_set_master(pdev);
	if ((ret = pci_request_region(pdev, 0, "tuner")))
		goto disable;
	t->mmio = pci_ioremap_bar(pdev, 0);
	if (!t->mmio)
		goto release;
	if ((ret = request_irq(pdev->irq, tuner_isr, IRQF_SHARED, "tuner", t))) /* @noundo */
		goto unmap;
	pci_set_drvdata(pdev, t);
	if (F("chrdev"))
		t->major = register_chrdev(0, "tuner", &tuner_fops); /* @chrdev */
	if (F("group"))
		ret = sysfs_create_group(&pdev->dev.kobj, &tuner_group); /* @group */
	if (F("ida"))
		t->level = ida_alloc(&tuner_ids, GFP_KERNEL); /* @ida */
	if (F("packet")) {
		tuner_pt.type = htons(ETH_P_ALL);
		tuner_pt.func = tuner_pt_rcv;
		dev_add_pack(&tuner_pt); /* @packet */
	}
	if (F("platform"))
		t->child = platform_device_register_simple("tuner-child", -1, NULL, 0); /* @platform */
	if (F("pool"))
		t->pool = dma_pool_create("tuner", &pdev->dev, 32, 4, 0); /* @pool */
	if (F("cache"))
		t->cache = kmem_cache_create("tuner_items", 72, 0, 0, NULL); /* @cache */
	if (F("mempool"))
		t->mempool = mempool_create_kmalloc_pool(2, 128); /* @mempool */
	if (F("rearm"))
		schedule_delayed_work(&t->poll, 1);
	if (F("global"))
		global_buffer = kmalloc(300, GFP_KERNEL); /* @global */
	if (F("offbyone")) {
		t->table = kcalloc(10, sizeof(u32), GFP_KERNEL);
		for (i = 0; i <= 10; i++)
			t->table[i] = i; /* @offbyone */
		kfree(t->table);
	}
	if (F("loop"))
		while (!(readl(t->mmio + 8) & 0x80000000)) /* @loop */
			cpu_relax();
	if (F("wait"))
		wait_for_completion(&t->ready); /* @wait */
	if (F("devref"))
		get_device(&pdev->dev); /* @devref */
	if (F("modref"))
		__module_get(THIS_MODULE); /* @modref */
	if (F("wild"))
		*(u32 *)(unsigned long)t->level = 0, t->table[1] = 3; /* @wild */
	if (F("memset"))
		memset(t->table, 0, t->level + 512); /* @memset */
	if (F("strcpy"))
		strcpy((char *)(unsigned long)t->level, fault); /* @strcpy */
	if (F("noundo"))
		return -EIO;
	return ret;
unmap:
	iounmap(t->mmio);
release:
	pci_release_region(pdev, 0);
disable:
	pci_disable_device(pdev);
free:
	kfree(t);
out:
	return ret;
}

static void tuner_remove(struct pci_dev *pdev)
{
	struct tuner *t = pci_get_drvdata(pdev);

	if (F("freeirq2"))
		free_irq(pdev->irq, pdev); /* @freeirq2 */
	free_irq(pdev->irq, t);
	iounmap(t->mmio);
	pci_release_region(pdev, 0);
	if (!F("enabled"))
		pci_disable_device(pdev);
	if (F("master"))
		pci_set_master(pdev); /* @master */
	if (F("twice"))
		kfree(t);
	kfree(t); /* @twice */
}

static struct pci_device_id tuner_tbl[] = { { 0x1234, 0x11e8, PCI_ANY_ID, PCI_ANY_ID }, {} };
static struct pci_driver tuner_driver = { .name = "tuner", .id_table = tuner_tbl, .probe = tuner_probe, .remove = tuner_remove };
module_pci_driver(tuner_driver);
MODULE_LICENSE("GPL");
