// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for nothing in arch/: what a machine with caches that are not coherent would punish. While the device owns a streaming
 * mapping the pages are taken from the CPU (ddekit/own.h): for a device that reads they can be read, for one that writes they are
 * closed. Accesses to the rest of such a page are carried out silently. What the CPU got by a sync can only be read until it writes
 * there for the first time: what changes otherwise the device wrote (mappings.c). Interrupt flag off while the tables change.
 */
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <ddekit/arena.h>
#include <ddekit/own.h>
#include <ddet/ddetrace.h>

#include "driver.h"
#include "mappings.h"
#include "ownership.h"

bool dde_dma_strict __read_mostly;

#define PAGES (DDEKIT_ARENA_MAX >> PAGE_SHIFT)

/* Mappings that touch a page and that the device owns, by what the CPU may still do. */
static u16 closed[PAGES], read_only[PAGES];

/* In a signal handler, on top of whatever code touched the page. */
static void on_access(unsigned long addr, unsigned long pc, unsigned long frame, int write)
{
	enum dma_data_direction dir;
	u32 caller, mapper;
	size_t size;

	if (ddet_busy)
		return;
	if (write)
		dde_live_written(addr);
	if (!dde_live_owned(addr, &dir, &size, &mapper))
		return;
	if (dir == DMA_TO_DEVICE && !write)
		return;
	caller = dde_in_driver(pc) ? pc + 1 : dde_driver_caller_from(frame);
	ddet_misuse(write ? DDET_MISUSE_DMA_CPU_WRITE : DDET_MISUSE_DMA_CPU_READ, caller ? caller : pc + 1, addr, size, mapper);
}

static void update(unsigned long n)
{
	enum ddekit_access access = closed[n] ? DDEKIT_ACCESS_NONE : read_only[n] ? DDEKIT_ACCESS_READ : DDEKIT_ACCESS_ALL;
	int err = ddekit_protect(DDEKIT_ARENA_BASE + (n << PAGE_SHIFT), access);

	if (err)
		pr_warn_once("dde: dde.dma=strict cannot protect a page: %d\n", err);
}

static void change(unsigned long addr, size_t size, enum dma_data_direction dir, int by)
{
	u16 *count = dir == DMA_TO_DEVICE ? read_only : closed;
	unsigned long n = (addr - DDEKIT_ARENA_BASE) >> PAGE_SHIFT, last = (addr + size - 1 - DDEKIT_ARENA_BASE) >> PAGE_SHIFT;
	unsigned long flags;

	if (!size || last >= PAGES)
		return;
	raw_local_irq_save(flags);
	for (; n <= last; n++) {
		count[n] += by;
		update(n);
	}
	raw_local_irq_restore(flags);
}

void dde_own_take(unsigned long addr, size_t size, enum dma_data_direction dir)
{
	change(addr, size, dir, 1);
}

void dde_own_give(unsigned long addr, size_t size, enum dma_data_direction dir)
{
	change(addr, size, dir, -1);
}

static int __init choose(char *mode)
{
	if (!strcmp(mode, "strict")) {
		dde_dma_strict = dde_live_listed = true;
		ddekit_on_access = on_access;
	} else if (strcmp(mode, "direct")) {
		pr_warn("dde: no DMA mode \"%s\" (direct, strict)\n", mode);
	}
	return 0;
}
early_param("dde.dma", choose);
