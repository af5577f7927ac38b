// SPDX-License-Identifier: GPL-2.0-only
/* The pages of the MSI-X table are the host kernel's, which drops what is written there: they are not mapped. */
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "device/bars.h"
#include "device/vfio/vfio.h"

#define PAGE 4096UL

static int msix_capability(void)
{
	unsigned int at, left = 48;

	if (!(vfio_config(PCI_STATUS, 2) & PCI_STATUS_CAP_LIST))
		return 0;
	for (at = vfio_config(PCI_CAPABILITY_LIST, 1) & ~3U; at && left--; at = vfio_config(at + PCI_CAP_LIST_NEXT, 1) & ~3U)
		if (vfio_config(at, 1) == PCI_CAP_ID_MSIX)
			return at;
	return 0;
}

static void leave_table(struct bar_region bars[BARS])
{
	int cap = msix_capability();
	unsigned int where, entries;
	struct bar_region *bar;

	if (!cap)
		return;
	where = vfio_config(cap + PCI_MSIX_TABLE, 4);
	entries = (vfio_config(cap + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_QSIZE) + 1;
	if ((where & PCI_MSIX_TABLE_BIR) >= BARS)
		return;
	bar = &bars[where & PCI_MSIX_TABLE_BIR];
	where &= PCI_MSIX_TABLE_OFFSET;
	bar->hole = where & ~(PAGE - 1);
	bar->hole_end = (where + entries * PCI_MSIX_ENTRY_SIZE + PAGE - 1) & ~(PAGE - 1);
}

void vfio_bars_init(void)
{
	struct bar_region bars[BARS] = { 0 };
	int i;

	for (i = 0; i < BARS; i++) {
		struct vfio_region region = vfio_region(VFIO_PCI_BAR0_REGION_INDEX + i);

		bars[i] = (struct bar_region){ .fd = vfio_device, .offset = region.offset, .size = region.size, .can_map = region.can_map };
	}
	leave_table(bars);
	ddekit__bars_init(bars, vfio_config);
}
