// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for nothing in arch/: when a driver gets a device and when it loses it. */
#include <linux/device.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <ddet/ddetrace.h>

#include "bind.h"
#include "left.h"

#define DEVICES 32

unsigned int dde_bound;
bool dde_modules_act, dde_modules_stay;
static unsigned int probing;
static const struct device *devices[DEVICES];
static unsigned int device_count;
/* Of the probe or remove that runs: probes of devices below a device run inside of its own. */
#define DEPTH 8
static struct called {
	struct dde_context before;
	unsigned long function;
} called[DEPTH];
static unsigned int depth;

bool dde_acting(void)
{
	return probing || dde_modules_act || (dde_bound && system_state == SYSTEM_RUNNING);
}

bool dde_bind_has(const struct device *dev)
{
	unsigned int i;

	for (i = 0; i < device_count; i++)
		if (devices[i] == dev)
			return true;
	return false;
}

static void calls(struct device *dev, bool probe)
{
	struct pci_driver *drv = dev->driver ? to_pci_driver(dev->driver) : NULL;

	if (depth < DEPTH)
		called[depth] = (struct called){ dde_context_now(), drv ? (unsigned long)(probe ? (void *)drv->probe : drv->remove) : 0 };
	depth++;
}

static void returned(void)
{
	if (!depth || --depth >= DEPTH)
		return;
	if (called[depth].function)
		dde_left_check(called[depth].before, called[depth].function);
}

static int on_bus(struct notifier_block *nb, unsigned long action, void *device)
{
	struct device *dev = device;
	u32 id = pci_dev_id(to_pci_dev(dev));

	if (to_pci_dev(dev)->class >> 16 == PCI_BASE_CLASS_BRIDGE)
		return NOTIFY_DONE;
	if (action == BUS_NOTIFY_BIND_DRIVER) {
		dde_bound++;
		probing++;
		if (!dde_bind_has(dev) && device_count < DEVICES)
			devices[device_count++] = dev;
		ddet_bind(DDET_BIND_STATE_BIND, id);
		calls(dev, true);
	} else if (action == BUS_NOTIFY_BOUND_DRIVER) {
		probing--;
		returned();
		ddet_bind(DDET_BIND_STATE_BOUND, id);
	} else if (action == BUS_NOTIFY_DRIVER_NOT_BOUND) {
		if (probing)
			returned();
		dde_bound--;
		probing -= probing > 0;
		ddet_bind(DDET_BIND_STATE_FAILED, id);
	} else if (action == BUS_NOTIFY_UNBIND_DRIVER) {
		ddet_bind(DDET_BIND_STATE_UNBIND, id);
		calls(dev, false);
	} else if (action == BUS_NOTIFY_UNBOUND_DRIVER) {
		returned();
		dde_bound--;
		ddet_bind(DDET_BIND_STATE_UNBOUND, id);
	}
	return NOTIFY_DONE;
}

static struct notifier_block bus_block = { .notifier_call = on_bus };

static int __init bind_init(void)
{
	return bus_register_notifier(&pci_bus_type, &bus_block);
}
arch_initcall(bind_init);
