// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for the page tables of ioremap(): on a machine an access after iounmap() is a fault, here every address of a device stays
 * reachable. Mappings are counted from boot on, as who maps before a recording begins may unmap within it. Any context; the interrupt flag
 * protects the table. What does not fit is not known, and from then on nothing is told.
 */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <ddet/ddetrace.h>

#include "../observe/registers.h"
#include "driver.h"
#include "mapped.h"

#define MAPPINGS 256

static struct {
	unsigned long start;
	size_t size; /* 0: not in use */
	u32 ended; /* who in the driver unmapped it, while it is not in use */
} mapped[MAPPINGS];
static unsigned int high; /* none is in use from here on */
static bool full;

void dde_mapped_add(unsigned long start, size_t size)
{
	unsigned long flags;
	unsigned int i;

	raw_local_irq_save(flags);
	for (i = 0; i < high && mapped[i].size; i++)
		;
	if (i < MAPPINGS && size) {
		mapped[i].start = start;
		mapped[i].size = size;
		mapped[i].ended = 0;
		high = max(high, i + 1);
	} else if (size) {
		full = true;
	}
	raw_local_irq_restore(flags);
}

/* Linux takes any address in the first page. Of a second unmapping, by devres perhaps, the first is as good a place. */
void dde_mapped_remove(unsigned long start)
{
	u32 caller = dde_driver_caller(), before = 0;
	unsigned long flags;
	unsigned int i;

	raw_local_irq_save(flags);
	for (i = 0; i < high; i++) {
		if ((mapped[i].start ^ start) & PAGE_MASK)
			continue;
		if (mapped[i].size)
			break;
		before = before ?: mapped[i].ended;
	}
	if (i < high) {
		mapped[i].size = 0;
		mapped[i].ended = caller;
	}
	raw_local_irq_restore(flags);
	if (i == high && !full && (caller || before) && ddet_categories & DDET_CAT_CHECK)
		ddet_misuse(DDET_MISUSE_BAD_UNMAP, caller ?: before, start, 0, caller ? before : 0);
}

static bool is_mapped(unsigned long addr)
{
	unsigned int i;

	/* Mappings are of whole pages. */
	for (i = 0; i < high; i++)
		if (mapped[i].size && addr - (mapped[i].start & PAGE_MASK) < PAGE_ALIGN(mapped[i].size + (mapped[i].start & ~PAGE_MASK)))
			return true;
	return false;
}

void dde_mapped_look(unsigned long addr, bool write, u32 caller)
{
	/* Ports are not mapped, and what no device decodes is told as such. */
	if (addr < 0x10000 || full || is_mapped(addr) || !dde_in_driver(caller) || dde_register_at(addr).bar == 0xff)
		return;
	ddet_misuse(DDET_MISUSE_MMIO_UNMAPPED, caller, addr, write, 0);
}
