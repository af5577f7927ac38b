// SPDX-License-Identifier: GPL-2.0-only
// a PCI parent with a platform child, lists, references, sysfs files
#include "../common.h"
#include <linux/platform_device.h>
#include <linux/idr.h>
#include <linux/list.h>
#include <linux/kref.h>
#include <linux/firmware.h>
#include <linux/pm_runtime.h>
#include <linux/device.h>
#include <linux/string.h>

static uint count = 8;
module_param(count, uint, 0444);
static DEFINE_IDA(plat_ida);
static LIST_HEAD(plat_all);
static DEFINE_SPINLOCK(plat_lock);

struct item { struct list_head l; struct kref ref; u32 v; };
struct plat {
	struct pci_dev *pdev;
	struct platform_device *child;
	struct pci_dev *peer;
	void __iomem *regs;
	char tag[16];
	int id;
	struct item *it;
	struct device sub;
	u8 *scratch;
	refcount_t users;
	struct list_head node;
};

static void item_free(struct kref *k)
{
	kfree(container_of(k, struct item, ref));
}

static ssize_t tag_store(struct device *d, struct device_attribute *a, const char *b, size_t n)
{
	struct plat *p = dev_get_drvdata(d);
	char *copy;

	if (IS("f-tag-strcpy"))
		strcpy(p->tag, b); // HERE f-tag-strcpy
	else if (IS("f-tag-sprintf"))
		sprintf(p->tag, "%s!", b); // HERE f-tag-sprintf
	else
		strscpy(p->tag, b, sizeof(p->tag));
	copy = kstrdup(b, GFP_KERNEL); // HERE f-store-leak
	if (!IS("f-store-leak"))
		kfree(copy);
	return n;
}

static ssize_t tag_show(struct device *d, struct device_attribute *a, char *b)
{
	struct plat *p = dev_get_drvdata(d);
	int i, n = 0;

	if (IS("f-show-size")) {
		for (i = 0; i < 4096; i++)
			n += sprintf(b + n, "%s\n", "ab"); // HERE f-show-size
		return n;
	}
	if (IS("f-show-bad"))
		return PAGE_SIZE + 5; // HERE f-show-bad
	return sysfs_emit(b, "%s\n", p->tag);
}
static DEVICE_ATTR_RW(tag);

static int child_probe(struct platform_device *c)
{
	char *x = devm_kstrdup(&c->dev, "child", GFP_KERNEL);

	if (IS("f-child-fail"))
		return dev_err_probe(&c->dev, -EIO, "self test\n");
	return x ? 0 : -ENOMEM;
}
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
static void child_remove(struct platform_device *c) { }
#else
static int child_remove(struct platform_device *c) { return 0; }
#endif
static struct platform_driver child_drv = { .probe = child_probe, .remove = child_remove, .driver.name = "plat-child" };

static void sub_release(struct device *d) { }

static int plat_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	const struct firmware *fw;
	struct plat *p;
	u8 small[16];
	u16 bytes;
	int rc, i;

	rc = pcim_enable_device(pdev);
	if (rc)
		return rc;
	p = devm_kzalloc(&pdev->dev, sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	p->pdev = pdev;
	p->regs = pcim_iomap(pdev, 0, 0);
	pci_set_drvdata(pdev, p);
	p->id = ida_alloc(&plat_ida, GFP_KERNEL); // HERE f-ida
	refcount_set(&p->users, 1);
	p->it = kzalloc(sizeof(*p->it), GFP_KERNEL);
	kref_init(&p->it->ref);
	spin_lock(&plat_lock);
	list_add(&p->it->l, &plat_all);
	spin_unlock(&plat_lock);
	if (IS("f-count-overflow")) {
		bytes = count * 16;
		p->scratch = kzalloc(bytes, GFP_KERNEL);
		for (i = 0; i < 64; i++)
			p->scratch[i * 16] = i; // HERE f-count-overflow
		kfree(p->scratch);
	}
	if (IS("f-stack-index")) {
		for (i = 0; i <= 16 + (count & 8); i++)
			small[i] = readb(p->regs + i); // HERE f-stack-index
		p->tag[0] = small[3];
	}
	p->peer = pci_get_device(0x8086, PCI_ANY_ID, NULL); // HERE f-peer-ref
	p->child = platform_device_register_simple("plat-child", p->id, NULL, 0); // HERE f-child-left
	if (IS("f-getdev"))
		get_device(&pdev->dev); // HERE f-getdev
	if (IS("f-putdev"))
		put_device(&pdev->dev); // HERE f-putdev
	if (IS("f-modget"))
		__module_get(THIS_MODULE); // HERE f-modget
	if (IS("f-pm-ref"))
		pm_runtime_get_noresume(&pdev->dev); // HERE f-pm-ref
	if (IS("f-pm-neg"))
		pm_runtime_put_noidle(&pdev->dev), pm_runtime_put_noidle(&pdev->dev), pm_runtime_put_noidle(&pdev->dev); // HERE f-pm-neg
	if (IS("f-fw")) {
		if (!request_firmware(&fw, "plat.bin", &pdev->dev))
			p->tag[1] = fw->data[0];
		else
			p->tag[1] = fw->size; // HERE f-fw
	}
	if (IS("f-ref-zero"))
		refcount_dec(&p->users), refcount_inc(&p->users); // HERE f-ref-zero
	if (IS("f-norelease") || IS("f-sub-left")) {
		device_initialize(&p->sub);
		p->sub.parent = &pdev->dev;
		if (!IS("f-norelease"))
			p->sub.release = sub_release;
		dev_set_name(&p->sub, "sub%d", p->id);
		rc = device_add(&p->sub); // HERE f-sub-left
	}
	return device_create_file(&pdev->dev, &dev_attr_tag);
}

static void plat_remove(struct pci_dev *pdev)
{
	struct plat *p = pci_get_drvdata(pdev);

	device_remove_file(&pdev->dev, &dev_attr_tag);
	if (IS("f-norelease"))
		device_unregister(&p->sub); // HERE f-norelease
	if (!IS("f-child-left"))
		platform_device_unregister(p->child);
	if (!IS("f-peer-ref"))
		pci_dev_put(p->peer);
	if (IS("f-list-order")) {
		kfree(p->it); // ALT f-list-order
		list_del(&p->it->l); // HERE f-list-order
	} else if (IS("f-list-twice")) {
		list_del(&p->it->l);
		list_del(&p->it->l); // HERE f-list-twice
		kfree(p->it);
	} else if (IS("f-list-left")) {
		kfree(p->it);
	} else if (IS("f-kref-twice")) {
		list_del(&p->it->l);
		kref_put(&p->it->ref, item_free);
		kref_put(&p->it->ref, item_free); // HERE f-kref-twice
	} else {
		list_del(&p->it->l);
		kref_put(&p->it->ref, item_free);
	}
	if (IS("f-ida-twice"))
		ida_free(&plat_ida, p->id), ida_free(&plat_ida, p->id); // HERE f-ida-twice
	else if (!IS("f-ida"))
		ida_free(&plat_ida, p->id);
	if (IS("f-drvdata-late"))
		writel(0, p->regs + 0x100000); // HERE f-drvdata-late
}

static const struct pci_device_id ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };
static struct pci_driver drv = { .name = "plat", .id_table = ids, .probe = plat_probe, .remove = plat_remove };

static int __init plat_init(void)
{
	int rc = platform_driver_register(&child_drv); // HERE f-child-drv

	if (rc)
		return rc;
	rc = pci_register_driver(&drv);
	if (rc)
		platform_driver_unregister(&child_drv);
	return rc;
}
static void __exit plat_exit(void)
{
	pci_unregister_driver(&drv);
	if (!IS("f-child-drv"))
		platform_driver_unregister(&child_drv);
}
module_init(plat_init);
module_exit(plat_exit);
