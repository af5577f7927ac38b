// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <linux/pci_regs.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device/bars.h"
#include "host/log.h"

#define PAGE 4096UL

static struct bar {
	struct bar_region region;
	uint64_t base; /* bus address; 0: nowhere */
	int port;
	uint64_t mapped; /* bytes at `base`, with the hole */
} bars[BARS];
static unsigned int (*config)(unsigned int reg, unsigned int size);

void ddekit__bars_init(const struct bar_region regions[BARS], unsigned int (*read)(unsigned int reg, unsigned int size))
{
	int i;

	config = read;
	for (i = 0; i < BARS; i++)
		bars[i].region = regions[i];
}

static int map_part(struct bar *bar, uint64_t from, uint64_t to)
{
	void *want = (void *)(bar->base + from);

	return from >= to || mmap(want, to - from, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, bar->region.fd, bar->region.offset + from) == want;
}

static void map_bar(struct bar *bar)
{
	uint64_t size = (bar->region.size + PAGE - 1) & ~(PAGE - 1), end = bar->region.hole_end;
	uint64_t behind = end > size ? size : end;

	if (!bar->region.can_map || bar->port || bar->base & (PAGE - 1))
		return;
	if (!map_part(bar, 0, end ? bar->region.hole : size) || !map_part(bar, behind, end ? size : 0)) {
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

void ddekit__bars_update(int on)
{
	int i;

	for (i = 0; i < BARS; i++)
		unmap_bar(&bars[i]);
	for (i = 0; i < BARS; i++) {
		uint32_t v = config(PCI_BASE_ADDRESS_0 + 4 * i, 4);
		struct bar *bar = &bars[i];

		if (!bar->region.size)
			continue;
		bar->port = v & PCI_BASE_ADDRESS_SPACE_IO;
		bar->base = v & (bar->port ? PCI_BASE_ADDRESS_IO_MASK : PCI_BASE_ADDRESS_MEM_MASK) & 0xffffffffUL;
		if (!bar->port && (v & PCI_BASE_ADDRESS_MEM_TYPE_64) && i + 1 < BARS)
			bar->base |= (uint64_t)config(PCI_BASE_ADDRESS_0 + 4 * ++i, 4) << 32;
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
	return at < bar->mapped && (at < bar->region.hole || at >= bar->region.hole_end);
}

/* What nobody answers reads as ones and is lost when written, as on the bus. */
static uint64_t read_by_call(const struct bar *bar, uint64_t at, unsigned int size)
{
	uint64_t v = 0;

	if (!bar || pread(bar->region.fd, &v, size, bar->region.offset + at) != size)
		return size == 8 ? ~0ULL : (1ULL << (8 * size)) - 1;
	return v;
}

static void write_by_call(const struct bar *bar, uint64_t at, unsigned int size, uint64_t v)
{
	if (bar && pwrite(bar->region.fd, &v, size, bar->region.offset + at) != size)
		ddekit__say("a write of %u bytes to a register of the device was refused", size);
}

uint64_t ddekit__bar_read(unsigned long addr, unsigned int size)
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

void ddekit__bar_write(unsigned long addr, unsigned int size, uint64_t v)
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

unsigned int ddekit__bar_in(unsigned int port, unsigned int size)
{
	const struct bar *bar = bar_at(port, size, 1);

	if (!bar || !bar->region.port)
		return read_by_call(bar, bar ? port - bar->base : 0, size);
	port = bar->region.port + (port - bar->base);
	return size == 1 ? inb(port) : size == 2 ? inw(port)
						 : inl(port);
}

void ddekit__bar_out(unsigned int port, unsigned int size, unsigned int v)
{
	const struct bar *bar = bar_at(port, size, 1);

	if (!bar || !bar->region.port) {
		write_by_call(bar, bar ? port - bar->base : 0, size, v);
		return;
	}
	port = bar->region.port + (port - bar->base);
	if (size == 1)
		outb(v, port);
	else if (size == 2)
		outw(v, port);
	else
		outl(v, port);
}
