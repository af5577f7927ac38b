// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BARs, mapped at the addresses that Linux chose for them: registers are loads and stores. By system calls: ports, BARs that do not
 * begin at a page of their own, and the pages of the MSI-X table, which is the host kernel's (it drops what is written there).
 */
#define _GNU_SOURCE
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device/vfio/vfio.h"
#include "host/log.h"

#define BARS 6
#define PAGE 4096UL

static struct bar {
	struct vfio_region region;
	uint64_t base; /* bus address; 0: nowhere */
	int port;
	/* Of the mapping at `base`; [table, table_end) is left out. */
	uint64_t mapped, table, table_end;
} bars[BARS];

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

static void find_table(void)
{
	int cap = msix_capability();
	unsigned int where, entries;
	struct bar *bar;

	if (!cap)
		return;
	where = vfio_config(cap + PCI_MSIX_TABLE, 4);
	entries = (vfio_config(cap + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_QSIZE) + 1;
	if ((where & PCI_MSIX_TABLE_BIR) >= BARS)
		return;
	bar = &bars[where & PCI_MSIX_TABLE_BIR];
	where &= PCI_MSIX_TABLE_OFFSET;
	bar->table = where & ~(PAGE - 1);
	bar->table_end = (where + entries * PCI_MSIX_ENTRY_SIZE + PAGE - 1) & ~(PAGE - 1);
}

static int map_part(struct bar *bar, uint64_t from, uint64_t to)
{
	void *want = (void *)(bar->base + from);

	return from >= to || mmap(want, to - from, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, vfio_device, bar->region.offset + from) == want;
}

static void map_bar(struct bar *bar)
{
	uint64_t size = (bar->region.size + PAGE - 1) & ~(PAGE - 1);
	uint64_t hole = bar->table_end > size ? size : bar->table_end;

	if (!bar->region.can_map || bar->port || bar->base & (PAGE - 1))
		return;
	if (!map_part(bar, 0, bar->table_end ? bar->table : size) || !map_part(bar, hole, bar->table_end ? size : 0)) {
		munmap((void *)bar->base, size);
		return;
	}
	bar->mapped = size;
}

static void unmap_bar(struct bar *bar)
{
	if (bar->mapped)
		munmap((void *)bar->base, bar->mapped);
	bar->mapped = 0;
	bar->base = 0;
}

void vfio_bars_update(int on)
{
	static int known;
	int i;

	if (!known) {
		known = 1;
		for (i = 0; i < BARS; i++)
			bars[i].region = vfio_region(VFIO_PCI_BAR0_REGION_INDEX + i);
		find_table();
	}
	for (i = 0; i < BARS; i++)
		unmap_bar(&bars[i]);
	for (i = 0; i < BARS; i++) {
		uint32_t v = vfio_config(PCI_BASE_ADDRESS_0 + 4 * i, 4);
		struct bar *bar = &bars[i];

		if (!bar->region.size)
			continue;
		bar->port = v & PCI_BASE_ADDRESS_SPACE_IO;
		bar->base = v & (bar->port ? PCI_BASE_ADDRESS_IO_MASK : PCI_BASE_ADDRESS_MEM_MASK) & 0xffffffffUL;
		if (!bar->port && (v & PCI_BASE_ADDRESS_MEM_TYPE_64) && i + 1 < BARS)
			bar->base |= (uint64_t)vfio_config(PCI_BASE_ADDRESS_0 + 4 * ++i, 4) << 32;
		if (on && bar->base)
			map_bar(bar);
	}
}

static struct bar *bar_at(uint64_t addr, unsigned int size, int port)
{
	int i;

	for (i = 0; i < BARS; i++)
		if (bars[i].base && !!bars[i].port == port && addr - bars[i].base < bars[i].region.size &&
		    size <= bars[i].region.size - (addr - bars[i].base))
			return &bars[i];
	return NULL;
}

static int is_mapped(const struct bar *bar, uint64_t at)
{
	return at < bar->mapped && (at < bar->table || at >= bar->table_end);
}

/* What nobody answers reads as ones and is lost when written, as on the bus. */
static uint64_t read_by_call(const struct bar *bar, uint64_t at, unsigned int size)
{
	uint64_t v = 0;

	if (!bar || pread(vfio_device, &v, size, bar->region.offset + at) != size)
		return size == 8 ? ~0ULL : (1ULL << (8 * size)) - 1;
	return v;
}

static void write_by_call(const struct bar *bar, uint64_t at, unsigned int size, uint64_t v)
{
	if (bar && pwrite(vfio_device, &v, size, bar->region.offset + at) != size)
		ddekit__say("vfio: a write of %u bytes to a register was refused", size);
}

uint64_t vfio_mmio_read(unsigned long addr, unsigned int size)
{
	const struct bar *bar = bar_at(addr, size, 0);

	if (!bar || !is_mapped(bar, addr - bar->base))
		return read_by_call(bar, bar ? addr - bar->base : 0, size);
	switch (size) {
	case 1:
		return *(volatile uint8_t *)addr;
	case 2:
		return *(volatile uint16_t *)addr;
	case 4:
		return *(volatile uint32_t *)addr;
	default:
		return *(volatile uint64_t *)addr;
	}
}

void vfio_mmio_write(unsigned long addr, unsigned int size, uint64_t v)
{
	const struct bar *bar = bar_at(addr, size, 0);

	if (!bar || !is_mapped(bar, addr - bar->base)) {
		write_by_call(bar, bar ? addr - bar->base : 0, size, v);
		return;
	}
	switch (size) {
	case 1:
		*(volatile uint8_t *)addr = v;
		break;
	case 2:
		*(volatile uint16_t *)addr = v;
		break;
	case 4:
		*(volatile uint32_t *)addr = v;
		break;
	default:
		*(volatile uint64_t *)addr = v;
	}
}

unsigned int vfio_pio_read(unsigned int port, unsigned int size)
{
	const struct bar *bar = bar_at(port, size, 1);

	return read_by_call(bar, bar ? port - bar->base : 0, size);
}

void vfio_pio_write(unsigned int port, unsigned int size, unsigned int v)
{
	const struct bar *bar = bar_at(port, size, 1);

	write_by_call(bar, bar ? port - bar->base : 0, size, v);
}
