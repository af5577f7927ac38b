// SPDX-License-Identifier: GPL-2.0-only
// managed, pvpanic style; misc device
#include "../common.h"
#include <linux/miscdevice.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/reboot.h>
#include <linux/completion.h>
#include <linux/kobject.h>
#include <linux/sysfs.h>

struct vp {
	struct pci_dev *pdev;
	void __iomem *base;
	struct miscdevice misc;
	struct notifier_block nb, rb;
	struct completion done;
	struct kobject kobj;
	u8 events;
	char *label;
	unsigned long hits;
};

static ssize_t events_show(struct device *d, struct device_attribute *a, char *b)
{
	struct vp *vp = dev_get_drvdata(d);

	return sysfs_emit(b, "%x\n", vp->events);
}
static DEVICE_ATTR_RO(events);
static struct attribute *vp_attrs[] = { &dev_attr_events.attr, NULL };
static const struct attribute_group vp_group = { .attrs = vp_attrs };

static int vp_notify(struct notifier_block *nb, unsigned long c, void *p)
{
	struct vp *vp = container_of(nb, struct vp, nb);

	iowrite8(vp->events, vp->base);
	return NOTIFY_DONE;
}

static irqreturn_t vp_irq(int irq, void *arg)
{
	struct vp *vp = arg;
	u32 st = readl(vp->base + 0x24);

	vp->hits++; // HERE p-devm-irq-uaf
	if (!st)
		return IRQ_NONE;
	writel(st, vp->base + 0x64);
	return IRQ_HANDLED;
}

static const struct file_operations vp_fops = { .owner = THIS_MODULE, .llseek = no_llseek };
static void vp_kobj_release(struct kobject *k) { }
static struct kobj_type vp_ktype = { .release = vp_kobj_release, .sysfs_ops = &kobj_sysfs_ops };

static int vp_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct device *dev = &pdev->dev;
	struct vp *vp;
	int rc;

	if (IS("p-devm-irq-uaf"))
		vp = kzalloc(sizeof(*vp), GFP_KERNEL);
	else
		vp = devm_kzalloc(dev, sizeof(*vp), GFP_KERNEL);
	if (!vp)
		return -ENOMEM;
	vp->pdev = pdev;
	init_completion(&vp->done);
	rc = pcim_enable_device(pdev);
	if (rc)
		return rc;
	vp->base = pcim_iomap(pdev, 0, 0);
	if (!vp->base)
		return -ENOMEM;
	pci_set_drvdata(pdev, vp);
	vp->label = devm_kasprintf(dev, GFP_KERNEL, "vp-%s", pci_name(pdev));
	rc = devm_request_irq(dev, pdev->irq, vp_irq, IRQF_SHARED, "vp", vp);
	if (rc)
		return rc;
	vp->misc.minor = MISC_DYNAMIC_MINOR;
	vp->misc.name = "vpanic";
	vp->misc.fops = &vp_fops;
	vp->misc.parent = dev;
	rc = misc_register(&vp->misc); // HERE p-misc-fail
	if (rc)
		return rc;
	if (IS("p-misc-fail"))
		return -ENXIO;
	if (IS("p-attr-left"))
		rc = device_create_file(dev, &dev_attr_events); // HERE p-attr-left
	else
		rc = devm_device_add_group(dev, &vp_group);
	if (IS("p-group-left"))
		rc = sysfs_create_link(&dev->kobj, &dev->kobj, "again"); // HERE p-group-left
	if (rc)
		return rc;
	vp->nb.notifier_call = vp_notify;
	vp->rb.notifier_call = vp_notify;
	atomic_notifier_chain_register(&panic_notifier_list, &vp->nb); // HERE p-panic-left
	register_reboot_notifier(&vp->rb); // HERE p-reboot-left
	if (IS("p-kobj-kfree") || IS("p-kobj-left")) {
		struct kobject *k = kobject_create_and_add("vpanic", NULL); // HERE p-kobj-left

		if (IS("p-kobj-kfree"))
			kfree(k); // HERE p-kobj-kfree
	}
	return 0;
}

static void vp_remove(struct pci_dev *pdev)
{
	struct vp *vp = pci_get_drvdata(pdev);

	if (!IS("p-panic-left"))
		atomic_notifier_chain_unregister(&panic_notifier_list, &vp->nb);
	if (!IS("p-reboot-left"))
		unregister_reboot_notifier(&vp->rb);
	misc_deregister(&vp->misc);
	if (IS("p-misc-twice"))
		misc_deregister(&vp->misc); // HERE p-misc-twice
	if (IS("p-wait-forever"))
		wait_for_completion(&vp->done); // HERE p-wait-forever
	if (IS("p-iounmap-twice"))
		iounmap(vp->base); // HERE p-iounmap-twice
	if (IS("p-disable-twice")) {
		pci_disable_device(pdev);
		pci_disable_device(pdev); // HERE p-disable-twice
	}
	if (IS("p-devm-kfree"))
		kfree(vp->label); // HERE p-devm-kfree
	if (IS("p-devm-irq-uaf"))
		kfree(vp); // ALT p-devm-irq-uaf
}

static const struct pci_device_id ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };
static struct pci_driver drv = { .name = "vpanic", .id_table = ids, .probe = vp_probe, .remove = vp_remove };
module_pci_driver(drv);
