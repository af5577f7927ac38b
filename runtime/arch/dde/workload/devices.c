// SPDX-License-Identifier: GPL-2.0-only
/* The devices under test: which driver took them, how they interrupt, unbind and bind at run time, what remove leaves behind. */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>
#include <linux/swap.h>

#include "../check/heap.h"
#include "../check/hung.h"
#include "../check/interrupts.h"
#include "../check/mappings.h"
#include "../check/memory.h"
#include "../check/objects.h"
#include "../check/regions.h"
#include "modules.h"
#include "workload.h"

#define MAX_DEVICES 16

static struct pci_dev *devices[MAX_DEVICES];
static int count;
/* Those that no driver took: a probe that failed must leave nothing, either. */
static struct pci_dev *refused[MAX_DEVICES];
static int refused_count;
/* Of these, those that a driver is for. */
static int wanted_count;

/* Part of the machine, not of the test: bridges. */
static bool infrastructure(struct pci_dev *pdev)
{
	return pdev->class >> 16 == PCI_BASE_CLASS_BRIDGE || (pdev->driver && !strcmp(pdev->driver->name, "pcieport"));
}

static int matches(struct device_driver *drv, void *dev)
{
	return drv->bus->match(dev, drv) > 0;
}

bool dde_devices_missed(void)
{
	return wanted_count > 0;
}

int dde_devices_find(bool wanted)
{
	struct pci_dev *pdev = NULL;
	int seen = 0, tries;
	bool match;

	/* Probing may be deferred or asynchronous: give it a moment before the verdict. */
	for (tries = 0; tries < (wanted ? 20 : 1) && !count; tries++) {
		wait_for_device_probe();
		for_each_pci_dev(pdev)
			if (!infrastructure(pdev) && pdev->driver && count < MAX_DEVICES)
				devices[count++] = pci_dev_get(pdev);
		if (!count && wanted)
			msleep(50);
	}
	dde_stage_end();
	for_each_pci_dev(pdev) {
		if (infrastructure(pdev) || pdev->driver || !wanted)
			continue;
		seen++;
		match = bus_for_each_drv(&pci_bus_type, NULL, &pdev->dev, matches);
		wanted_count += match;
		if (refused_count < MAX_DEVICES)
			refused[refused_count++] = pci_dev_get(pdev);
		pr_err("dde: no driver took device %04x:%04x at %s\n", pdev->vendor, pdev->device, pci_name(pdev));
		dde_result("{\"type\":\"unclaimed\",\"bdf\":\"%s\",\"vendor\":\"0x%04x\",\"device\":\"0x%04x\",\"class\":\"0x%06x\",\"matched\":%s}",
			   pci_name(pdev), pdev->vendor, pdev->device, pdev->class, match ? "true" : "false");
	}
	if (!count && !seen && wanted)
		pr_err("dde: there is no PCI device to drive\n");
	return count;
}

struct device *dde_first_device(void)
{
	return count ? &devices[0]->dev : NULL;
}

static const char *irq_mode(struct pci_dev *pdev, int *vectors)
{
	struct msi_desc *desc;

	*vectors = 1;
	if (!pdev->msi_enabled && !pdev->msix_enabled)
		return pdev->irq ? "intx" : "none";
	*vectors = 0;
	/* A driver that is gone without freeing its vectors leaves the flags and no list. */
	if (!pdev->dev.msi.data)
		return "none";
	msi_lock_descs(&pdev->dev);
	msi_for_each_desc(desc, &pdev->dev, MSI_DESC_ASSOCIATED)
		*vectors += desc->nvec_used;
	msi_unlock_descs(&pdev->dev);
	return pdev->msix_enabled ? "msix" : "msi";
}

/* A driver may choose its interrupts when the device is opened (e1000e tests MSI then): said again when it changed. */
void dde_devices_report(void)
{
	static const char *said[MAX_DEVICES];
	int i, vectors;

	for (i = 0; i < count; i++) {
		struct pci_dev *pdev = devices[i];
		const char *mode = irq_mode(pdev, &vectors);

		if (said[i] == mode || !pdev->driver)
			continue;
		said[i] = mode;
		dde_result("{\"type\":\"device\",\"bdf\":\"%s\",\"vendor\":\"0x%04x\",\"device\":\"0x%04x\",\"driver\":\"%s\","
			   "\"irqMode\":\"%s\",\"vectors\":%d,\"atMs\":%llu}",
			   pci_name(pdev), pdev->vendor, pdev->device, pdev->driver ? pdev->driver->name : "", mode, vectors,
			   dde_uptime_ms());
	}
}

int dde_devices_unbind(void)
{
	int i;

	dde_stage_begin("remove");
	for (i = count - 1; i >= 0; i--)
		device_release_driver(&devices[i]->dev);
	dde_stage_end();
	return 0;
}

int dde_devices_bind(void)
{
	int i, err = 0;

	dde_stage_begin("probe");
	for (i = 0; i < count; i++) {
		int r = device_attach(&devices[i]->dev);

		if (r <= 0)
			err = r ?: -ENODEV;
	}
	dde_stage_end();
	return err;
}

static int report_leaks(struct pci_dev **of, int n)
{
	int i, leaks = 0;

	for (i = 0; i < n; i++) {
		leaks += dde_dma_report_leaks(&of[i]->dev);
		leaks += dde_regions_report_leaks(of[i]);
	}
	return leaks;
}

/* The last reference to a disk or a network device may fall in a worker or after a grace period. */
static void wait_for_dma(void)
{
	int i;

	for (i = 0; i < 50 && dde_dma_live(); i++) {
		rcu_barrier();
		msleep(20);
	}
}

int dde_devices_remove(void)
{
	int i, leaks;

	dde_devices_unbind();
	dde_modules_end();
	wait_for_dma();
	for (i = 0; i < 10 && (dde_memory_live() || dde_objects_live()); i++) {
		rcu_barrier();
		msleep(20);
	}
	dde_heap_flush();
	leaks = report_leaks(devices, count) + report_leaks(refused, refused_count);
	/* Known in recorded runs only, so it does not change the exit code. */
	dde_memory_report_leaks();
	dde_objects_report_leaks();
	dde_states_report_leaks(devices, count);
	dde_states_report_leaks(refused, refused_count);
	return leaks + dde_irqs_report_leaks();
}

static u64 free_kb(void)
{
	struct sysinfo si;

	rcu_barrier();
	si_meminfo(&si);
	return (u64)si.freeram << (PAGE_SHIFT - 10);
}

static int run_rebind(const struct dde_args *args)
{
	u64 n = dde_arg(args, "--count", 100), i, warm = 0, start = ddekit_time_ns();
	int err;

	for (i = 0; i < n && !dde_stopping(); i++) {
		/* The first rounds fill caches; growth is counted from there. */
		if (i == min_t(u64, 10, n / 2))
			warm = free_kb();
		dde_devices_unbind();
		wait_for_dma();
		if (dde_dma_live())
			return dde_fail("rebind", "%u DMA mappings are left after unbind %llu", dde_dma_live(), i + 1);
		err = dde_devices_bind();
		if (err)
			return dde_fail("rebind", "bind %llu failed: %d", i + 1, err);
	}
	dde_result("{\"type\":\"result\",\"workload\":\"rebind\",\"ok\":true,\"count\":%llu,\"grownKb\":%lld,\"ns\":%llu}", i,
		   (s64)(warm - free_kb()), ddekit_time_ns() - start);
	return 0;
}

const struct dde_workload dde_rebind = { "rebind", run_rebind };
