// SPDX-License-Identifier: GPL-2.0-only
/*
 * uio_dma: DMA for PCI drivers that run as processes on uio_pci_generic.
 *
 * uio_core has no hook for a second driver, and needs none: the PCI bus tells when
 * uio_pci_generic is bound to a device and before it is unbound.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/suspend.h>

#include "uio_dma.h"

static bool bound_to_uio(struct device *dev)
{
	return dev->driver && !strcmp(dev->driver->name, "uio_pci_generic");
}

/* Called with the device's lock held. */
static int bus_event(struct notifier_block *block, unsigned long action, void *data)
{
	struct device *dev = data;

	switch (action) {
	case BUS_NOTIFY_BOUND_DRIVER:
		if (bound_to_uio(dev))
			uio_dma_dev_add(to_pci_dev(dev));
		break;
	case BUS_NOTIFY_UNBIND_DRIVER:
		if (bound_to_uio(dev))
			uio_dma_dev_remove(to_pci_dev(dev));
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block bus_block = { .notifier_call = bus_event };

/*
 * The PCI core puts the devices to sleep and wakes them, but their drivers do not take part: a
 * device must not go on with DMA from what it held in its registers before.
 */
static int pm_event(struct notifier_block *block, unsigned long action, void *data)
{
	if (action == PM_SUSPEND_PREPARE || action == PM_HIBERNATION_PREPARE)
		uio_dma_dev_suspend_all();
	return NOTIFY_DONE;
}

static struct notifier_block pm_block = { .notifier_call = pm_event };

static int add_bound(struct device *dev, void *data)
{
	device_lock(dev);
	if (bound_to_uio(dev))
		uio_dma_dev_add(to_pci_dev(dev));
	device_unlock(dev);
	return 0;
}

static int __init uio_dma_init(void)
{
	int error;

	error = register_pm_notifier(&pm_block);
	if (error)
		return error;
	error = bus_register_notifier(&pci_bus_type, &bus_block);
	if (error) {
		unregister_pm_notifier(&pm_block);
		return error;
	}
	bus_for_each_dev(&pci_bus_type, NULL, NULL, add_bound);
	return 0;
}

static void __exit uio_dma_exit(void)
{
	bus_unregister_notifier(&pci_bus_type, &bus_block);
	unregister_pm_notifier(&pm_block);
	uio_dma_dev_remove_all();
}

module_init(uio_dma_init);
module_exit(uio_dma_exit);
MODULE_DESCRIPTION("DMA for user-level PCI drivers on uio_pci_generic");
MODULE_AUTHOR("The dde-profile authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("1");
