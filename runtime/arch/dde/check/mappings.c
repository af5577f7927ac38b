// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for kernel/dma/debug.c, which is the debug build's full checker. This table is always on, so that
 * the trace can name each mapping and remove can say what is left. Protected by the interrupt flag (one virtual CPU).
 */
#include <linux/device.h>
#include <linux/hash.h>
#include <linux/irqflags.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <ddekit/dma.h>
#include <ddekit/host.h>
#include <ddet/ddetrace.h>

#include "../observe/result.h"
#include "buffers.h"
#include "driver.h"
#include "mappings.h"
#include "ownership.h"

#define HASH_BITS 14

struct live {
	struct hlist_node node;
	struct list_head walk; /* in `all`, if dde_live_listed */
	struct device *dev;
	dma_addr_t dma;
	unsigned long cpu;
	size_t size;
	unsigned long caller;
	u32 id;
	u8 dir;
	bool coherent;
	int nents; /* of the list whose first it is; 0: of none */
	/* In strict mode: */
	bool owned; /* by the device */
	bool stack; /* of the thread that mapped it: never taken away */
	bool wrote; /* the CPU, since it got `seen` */
	u32 synced_by; /* who got `seen` for the CPU with the last sync; 0 while the device owns it */
	u32 hash; /* of `seen` at that time */
	unsigned long seen;
	size_t seen_size;
};

/* The newest streaming mappings that were ended. */
#define ENDED 16

static struct ended {
	dma_addr_t dma;
	size_t size;
	u32 caller; /* who ended it */
} ended[ENDED];
static unsigned int next_ended;

static struct hlist_head table[1 << HASH_BITS];
static struct live *unused;
static u32 last_id, live_count;
static LIST_HEAD(all);
/* Mappings that found no memory here: from then on an unknown address proves nothing. */
static bool some_unknown;

bool dde_live_listed __read_mostly;

static struct live *live_get(void)
{
	struct live *l = unused;
	unsigned int i;

	if (!l) {
		/* A page of entries at a time: kmalloc per mapping would show up in the profile of the driver. */
		l = (struct live *)get_zeroed_page(GFP_ATOMIC);
		if (!l)
			return NULL;
		for (i = 1; i < PAGE_SIZE / sizeof(*l); i++) {
			l[i].node.next = (struct hlist_node *)unused;
			unused = &l[i];
		}
		return l;
	}
	unused = (struct live *)l->node.next;
	return l;
}

u32 dde_live_add(struct device *dev, void *cpu, dma_addr_t dma, size_t size, enum dma_data_direction dir, bool coherent,
		 unsigned long caller)
{
	unsigned long flags;
	struct live *l;
	u32 id = 0;

	raw_local_irq_save(flags);
	l = live_get();
	if (l) {
		*l = (struct live){ .dev = dev, .dma = dma, .cpu = (unsigned long)cpu, .size = size, .caller = caller, .dir = dir, .coherent = coherent };
		id = l->id = ++last_id ?: ++last_id;
		hlist_add_head(&l->node, &table[hash_64(dma, HASH_BITS)]);
		live_count++;
		if (unlikely(dde_live_listed))
			list_add_tail(&l->walk, &all);
		/* A stack cannot be taken away from the thread that runs on it; such a buffer is a finding of its own. */
		l->stack = dde_dma_strict && dde_on_stack(l->cpu);
		l->owned = dde_dma_strict && !coherent && !l->stack;
	} else {
		some_unknown = true;
	}
	raw_local_irq_restore(flags);
	if (unlikely(l && l->owned))
		dde_own_take(l->cpu, size, dir);
	return id;
}

void dde_live_freed(unsigned long cpu, u32 caller)
{
	dma_addr_t dma = __pa(cpu) + ddekit_dma_limits.offset;
	unsigned long flags, size = 0;
	struct live *l;
	u32 by = 0;

	if (!live_count)
		return;
	raw_local_irq_save(flags);
	hlist_for_each_entry(l, &table[hash_64(dma, HASH_BITS)], node) {
		if (l->cpu != cpu || l->coherent)
			continue;
		size = l->size;
		by = l->caller;
	}
	raw_local_irq_restore(flags);
	if (size)
		ddet_misuse(DDET_MISUSE_DMA_FREED, caller, cpu, size, by);
}

static void report_unmapped(struct device *dev, dma_addr_t dma, size_t size, unsigned long caller)
{
	/* Call sites that were told: finding their line takes a third of a second. */
	static unsigned long told[64];
	static unsigned int count;
	unsigned int i;
	const char *by;

	for (i = 0; i < count; i++)
		if (told[i] == caller)
			return;
	if (some_unknown || count == ARRAY_SIZE(told))
		return;
	told[count++] = caller;
	by = dde_driver_place(caller);
	pr_warn("dde: %s: unmap of %pad+%zu that is not mapped, by %s\n", dev_name(dev), &dma, size, by);
	dde_result("{\"type\":\"badUnmap\",\"dma\":\"0x%llx\",\"size\":%zu,\"caller\":\"%s\"}", (u64)dma, size, by);
}

/* The CPU's time with a mapping that it got by a sync ends: has the device been at it? */
static void look(struct live *l)
{
	if (!l->synced_by)
		return;
	if (!l->wrote && l->dir != DMA_TO_DEVICE && jhash((void *)l->seen, l->seen_size, 0) != l->hash)
		ddet_misuse(DDET_MISUSE_DMA_NOT_GIVEN, l->synced_by, l->seen, l->seen_size, l->caller);
	if (!l->wrote)
		dde_own_give(l->seen, l->seen_size, DMA_TO_DEVICE);
	l->synced_by = 0;
}

u32 dde_live_del(struct device *dev, dma_addr_t dma, size_t size, enum dma_data_direction dir, bool coherent,
		 unsigned long caller)
{
	struct live *l, *best = NULL;
	unsigned long flags;
	u32 id = 0;

	raw_local_irq_save(flags);
	/* The same buffer may be mapped more than once: prefer the exact match, else the newest. */
	hlist_for_each_entry(l, &table[hash_64(dma, HASH_BITS)], node) {
		if (l->dma != dma || l->dev != dev || l->coherent != coherent)
			continue;
		if (!best)
			best = l;
		if (l->size == size && l->dir == dir) {
			best = l;
			break;
		}
	}
	if (best) {
		id = best->id;
		if (!coherent)
			ended[next_ended++ % ENDED] = (struct ended){ dma, best->size, caller };
		hlist_del(&best->node);
		best->node.next = (struct hlist_node *)unused;
		unused = best;
		live_count--;
		if (unlikely(dde_live_listed))
			list_del(&best->walk);
		if (unlikely(best->owned))
			dde_own_give(best->cpu, best->size, best->dir);
		look(best);
	}
	raw_local_irq_restore(flags);
	if (!best)
		report_unmapped(dev, dma, size, caller);
	return id;
}

static bool is_live(dma_addr_t dma)
{
	struct live *l;

	hlist_for_each_entry(l, &table[hash_64(dma, HASH_BITS)], node)
		if (l->dma == dma)
			return true;
	return false;
}

void dde_live_given(u64 value, u32 caller)
{
	struct ended was = { 0 };
	unsigned long flags;
	unsigned int i;

	if (!value)
		return;
	raw_local_irq_save(flags);
	for (i = 0; i < ENDED; i++)
		if (ended[i].dma == value)
			was = ended[i];
	if (was.dma && is_live(value))
		was.dma = 0;
	raw_local_irq_restore(flags);
	if (was.dma && dde_in_driver(caller))
		ddet_misuse(DDET_MISUSE_DMA_STALE, caller, value, was.size, was.caller);
}

static struct live *streaming_at(struct device *dev, dma_addr_t dma)
{
	struct live *l;

	hlist_for_each_entry(l, &table[hash_64(dma, HASH_BITS)], node)
		if (l->dma == dma && l->dev == dev && !l->coherent)
			return l;
	return NULL;
}

void dde_live_list_made(struct device *dev, dma_addr_t dma, int nents)
{
	unsigned long flags;
	struct live *l;

	raw_local_irq_save(flags);
	l = streaming_at(dev, dma);
	if (l)
		l->nents = nents;
	raw_local_irq_restore(flags);
}

int dde_live_list(struct device *dev, dma_addr_t dma, int nents, u32 caller)
{
	unsigned long flags;
	struct live *l;
	int made = 0;
	u32 by = 0;

	raw_local_irq_save(flags);
	l = streaming_at(dev, dma);
	if (l) {
		made = l->nents;
		by = l->caller;
	}
	raw_local_irq_restore(flags);
	if (!made || made == nents)
		return nents;
	ddet_misuse(DDET_MISUSE_DMA_SG_NENTS, caller, nents, made, by);
	return made;
}

bool dde_live_walk(const void *cpu)
{
	bool found = false;
	unsigned long flags;
	struct live *l;

	raw_local_irq_save(flags);
	list_for_each_entry(l, &all, walk) {
		if ((unsigned long)cpu - l->cpu < l->size) {
			found = true;
			break;
		}
	}
	raw_local_irq_restore(flags);
	return found;
}

bool dde_live_owned(unsigned long addr, enum dma_data_direction *dir, size_t *size, u32 *caller)
{
	struct live *l;

	list_for_each_entry(l, &all, walk) {
		if (!l->owned || addr - l->cpu >= l->size)
			continue;
		*dir = l->dir;
		*size = l->size;
		*caller = l->caller;
		return true;
	}
	return false;
}

void dde_live_written(unsigned long addr)
{
	struct live *l;

	list_for_each_entry(l, &all, walk) {
		if (!l->synced_by || l->wrote || addr - l->seen >= l->seen_size)
			continue;
		l->wrote = true;
		dde_own_give(l->seen, l->seen_size, DMA_TO_DEVICE);
	}
}

static void sync_for_cpu(struct live *l, dma_addr_t dma, size_t size, u32 caller)
{
	/* What the CPU has written was for the device, or it would not be synced anew. */
	if (l->synced_by && l->wrote && l->dir != DMA_FROM_DEVICE)
		ddet_misuse(DDET_MISUSE_DMA_NOT_GIVEN, l->synced_by, l->seen, l->seen_size, l->caller);
	look(l);
	if (l->owned)
		dde_own_give(l->cpu, l->size, l->dir);
	l->owned = false;
	l->wrote = false;
	l->seen = l->cpu + (dma - l->dma);
	l->seen_size = min_t(size_t, size, l->dma + l->size - dma);
	if (!l->seen_size || !caller)
		return;
	l->synced_by = caller;
	l->hash = jhash((void *)l->seen, l->seen_size, 0);
	dde_own_take(l->seen, l->seen_size, DMA_TO_DEVICE);
}

void dde_live_sync(struct device *dev, dma_addr_t dma, size_t size, bool to_device, u32 caller)
{
	unsigned long flags;
	struct live *l;

	raw_local_irq_save(flags);
	list_for_each_entry(l, &all, walk) {
		if (l->dev != dev || l->coherent || l->stack || dma < l->dma || dma - l->dma >= l->size)
			continue;
		if (!to_device) {
			sync_for_cpu(l, dma, size, caller);
			break;
		}
		look(l);
		if (!l->owned)
			dde_own_take(l->cpu, l->size, l->dir);
		l->owned = true;
		break;
	}
	raw_local_irq_restore(flags);
}

unsigned int dde_dma_live(void)
{
	return live_count;
}

unsigned int dde_dma_report_leaks(struct device *dev)
{
	unsigned int n = 0, i;
	struct live *l;
	const char *by;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		hlist_for_each_entry(l, &table[i], node) {
			if (dev && l->dev != dev)
				continue;
			ddet_leak(l->coherent ? DDET_LEAK_DMA_COHERENT : DDET_LEAK_DMA_STREAMING, l->caller, l->dma, l->size);
			if (n++ >= 20)
				continue;
			by = dde_driver_place(l->caller);
			pr_warn("dde: leak: %s DMA %pad+%zu mapped by %s\n", l->coherent ? "coherent" : "streaming", &l->dma,
				l->size, by);
			dde_result("{\"type\":\"leak\",\"kind\":\"%s\",\"dma\":\"0x%llx\",\"size\":%zu,\"dir\":%u,\"caller\":\"%s\"}",
				   l->coherent ? "dma-coherent" : "dma-streaming", (u64)l->dma, l->size, l->dir, by);
		}
	}
	return n;
}

#define NEWEST 5

void dde_dma_tell(void)
{
	const struct live *newest[NEWEST + 1] = { NULL };
	const struct live *l;
	unsigned int i, k, steps = 0;
	char rows[700];
	u64 bytes = 0;
	int n = 0;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		hlist_for_each_entry(l, &table[i], node) {
			if (steps++ > live_count)
				break; /* a circle */
			bytes += l->size;
			for (k = NEWEST; k > 0 && (!newest[k - 1] || newest[k - 1]->id < l->id); k--)
				newest[k] = newest[k - 1];
			newest[k] = l;
		}
	}
	for (i = 0; i < NEWEST && newest[i]; i++)
		n += scnprintf(rows + n, sizeof(rows) - n, "%s{\"id\":%u,\"dma\":\"0x%llx\",\"size\":%zu,\"dir\":%u,\"coherent\":%s,\"caller\":\"0x%lx\"}",
			       i ? "," : "", newest[i]->id, (u64)newest[i]->dma, newest[i]->size, newest[i]->dir,
			       newest[i]->coherent ? "true" : "false", newest[i]->caller);
	dde_result("{\"type\":\"crashDma\",\"count\":%u,\"bytes\":%llu,\"newest\":[%.*s]}", live_count, bytes, n, rows);
}
