// SPDX-License-Identifier: GPL-2.0-only
/* The list of devices, and the node /dev/uio-dma/<BDF> of each. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>

#include "uio_dma.h"

static DEFINE_MUTEX(devices_lock);
static LIST_HEAD(devices);

static struct uio_dma_dev *find_device(struct pci_dev *pdev)
{
	struct uio_dma_dev *dev;

	list_for_each_entry(dev, &devices, node)
		if (dev->pdev == pdev)
			return dev;
	return NULL;
}

static void free_device(struct kref *ref)
{
	struct uio_dma_dev *dev = container_of(ref, struct uio_dma_dev, ref);

	pci_dev_put(dev->pdev);
	kfree(dev->misc.name);
	kfree(dev->misc.nodename);
	mutex_destroy(&dev->lock);
	kfree(dev);
}

/* uio_dma_dev_put() - drops a reference, without the device's lock */
void uio_dma_dev_put(struct uio_dma_dev *dev)
{
	kref_put(&dev->ref, free_device);
}

static int add_locked(struct pci_dev *pdev)
{
	struct uio_dma_dev *dev;
	int error = -ENOMEM;

	if (find_device(pdev))
		return 0;
	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return error;
	kref_init(&dev->ref);
	mutex_init(&dev->lock);
	dev->pdev = pci_dev_get(pdev);
	dev->misc.minor = MISC_DYNAMIC_MINOR;
	dev->misc.name = kasprintf(GFP_KERNEL, "uio-dma-%s", pci_name(pdev));
	dev->misc.nodename = kasprintf(GFP_KERNEL, "uio-dma/%s", pci_name(pdev));
	dev->misc.fops = &uio_dma_fops;
	dev->misc.parent = &pdev->dev;
	dev->misc.mode = 0600;
	if (!dev->misc.name || !dev->misc.nodename)
		goto fail;
	error = misc_register(&dev->misc);
	if (error)
		goto fail;
	list_add_tail(&dev->node, &devices);
	return 0;
fail:
	uio_dma_dev_put(dev);
	return error;
}

/* uio_dma_dev_add() - makes the node of a device that was bound; the device's lock is held */
int uio_dma_dev_add(struct pci_dev *pdev)
{
	int error;

	mutex_lock(&devices_lock);
	error = add_locked(pdev);
	mutex_unlock(&devices_lock);
	if (error)
		pci_err(pdev, "uio_dma: no device node: error %d\n", error);
	return error;
}

static void remove_device(struct uio_dma_dev *dev, bool device_locked)
{
	misc_deregister(&dev->misc);
	mutex_lock(&dev->lock);
	dev->gone = true;
	if (dev->file) {
		uio_dma_teardown(dev->file, device_locked);
		wake_up_all(&dev->file->wait);
	}
	mutex_unlock(&dev->lock);
	uio_dma_dev_put(dev);
}

/* uio_dma_dev_remove() - the driver is about to be unbound; the device's lock is held */
void uio_dma_dev_remove(struct pci_dev *pdev)
{
	struct uio_dma_dev *dev;

	mutex_lock(&devices_lock);
	dev = find_device(pdev);
	if (dev)
		list_del(&dev->node);
	mutex_unlock(&devices_lock);
	if (dev)
		remove_device(dev, true);
}

/* uio_dma_dev_remove_all() - at module exit: no file is open then */
void uio_dma_dev_remove_all(void)
{
	struct uio_dma_dev *dev, *next;

	list_for_each_entry_safe(dev, next, &devices, node) {
		list_del(&dev->node);
		remove_device(dev, false);
	}
}

/* uio_dma_dev_suspend_all() - the system is going to sleep: no device is bus master any more */
void uio_dma_dev_suspend_all(void)
{
	struct uio_dma_dev *dev;

	mutex_lock(&devices_lock);
	list_for_each_entry(dev, &devices, node) {
		mutex_lock(&dev->lock);
		if (dev->file && dev->file->backend) {
			pci_clear_master(dev->pdev);
			dev->file->master = false;
			dev->file->suspended = true;
			wake_up_all(&dev->file->wait);
		}
		mutex_unlock(&dev->lock);
	}
	mutex_unlock(&devices_lock);
}
