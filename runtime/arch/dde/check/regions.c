// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for nothing in arch/: who claimed which region, and what is still claimed when the driver is gone. */
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <ddekit/host.h>
#include <ddet/ddetrace.h>

#include "../observe/result.h"
#include "driver.h"
#include "regions.h"

static struct {
	unsigned long object;
	u32 caller;
} regions[32];
static unsigned int region_count;

void dde_region_requested(unsigned long object, u32 caller)
{
	unsigned int i = region_count++ % ARRAY_SIZE(regions);

	regions[i].object = object;
	regions[i].caller = caller;
}

static u32 region_caller(const struct pci_dev *pdev, const struct resource *r)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(regions); i++)
		if (regions[i].caller && (regions[i].object == (unsigned long)pdev || regions[i].object == r->start))
			return regions[i].caller;
	return 0;
}

unsigned int dde_regions_report_leaks(struct pci_dev *pdev)
{
	unsigned int n = 0;
	const char *by;
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		struct resource *r = &pdev->resource[i], *root = &iomem_resource;
		u32 caller;

		if (!r->parent || !resource_size(r))
			continue;
		if (resource_type(r) == IORESOURCE_IO)
			root = &ioport_resource;
		if (__request_region(root, r->start, resource_size(r), "dde", 0)) {
			__release_region(root, r->start, resource_size(r));
			continue;
		}
		n++;
		caller = region_caller(pdev, r);
		by = dde_driver_place(caller);
		pr_warn("dde: leak: BAR %d (%pR) is still claimed, by %s\n", i, r, by);
		dde_result("{\"type\":\"leak\",\"kind\":\"region\",\"bar\":%d,\"caller\":\"%s\"}", i, by);
		ddet_leak(DDET_LEAK_REGION, caller, r->start, resource_size(r));
	}
	return n;
}
