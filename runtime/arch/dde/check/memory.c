// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for mm/kmemleak.c, for the driver under test only: what it got between probe and remove is remembered until it is freed, by
 * whomever, or handed over to the core; what is left when the driver is unbound has leaked. Any context; the interrupt flag protects
 * the table. What does not fit is not known and never told.
 */
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <trace/events/kmem.h>
#include <ddekit/host.h>
#include <ddet/ddetrace.h>

#include "../observe/probes.h"
#include "../observe/result.h"
#include "access.h"
#include "bind.h"
#include "driver.h"
#include "heap.h"
#include "mappings.h"
#include "memory.h"
#include "skbs.h"

#define BLOCKS 4096

struct block {
	struct hlist_node node;
	unsigned long ptr;
	u32 caller;
	u32 size;
	u8 kind;
	u8 marks; /* bytes behind it that nobody may write (heap.c) */
	bool small; /* of kmalloc(), in a cache */
	bool by_module; /* got by the init of a module, without a device */
};

static struct block blocks[BLOCKS];
struct hlist_head dde_blocks[1 << DDE_BLOCK_BITS];
static struct block *unused;
static unsigned int used, live, live_pages;

/* What stands behind it may be used. */
static void unmark(struct block *b)
{
	if (b->marks)
		dde_access_open(b->ptr, b->size + b->marks);
	b->marks = 0;
}

void dde_memory_find_and_forget(unsigned long ptr)
{
	struct hlist_head *head = &dde_blocks[hash_long(ptr, DDE_BLOCK_BITS)];
	struct block *b;
	unsigned long flags;

	raw_local_irq_save(flags);
	hlist_for_each_entry(b, head, node) {
		if (b->ptr != ptr)
			continue;
		hlist_del(&b->node);
		unmark(b);
		b->node.next = (struct hlist_node *)unused;
		unused = b;
		live--;
		if (b->kind == DDET_LEAK_PAGES)
			live_pages--;
		break;
	}
	raw_local_irq_restore(flags);
}

static void remember(struct block what)
{
	unsigned long ptr = what.ptr;
	u8 kind = what.kind;
	unsigned long flags;
	struct block *b;

	raw_local_irq_save(flags);
	/* What it was before has gone unseen. Only registers can be mapped twice at one address, which takes two unmaps. */
	if (kind != DDET_LEAK_IOMAP)
		dde_memory_forget(ptr);
	b = unused;
	if (b)
		unused = (struct block *)b->node.next;
	else if (used < BLOCKS)
		b = &blocks[used++];
	if (b) {
		*b = what;
		b->by_module = !dde_bound;
		hlist_add_head(&b->node, &dde_blocks[hash_long(ptr, DDE_BLOCK_BITS)]);
		live++;
		if (kind == DDET_LEAK_PAGES)
			live_pages++;
	}
	raw_local_irq_restore(flags);
}

void dde_memory_remember(u8 kind, unsigned long ptr, size_t size, u32 caller)
{
	remember((struct block){ .kind = kind, .ptr = ptr, .size = size, .caller = caller });
}

static struct block *find(unsigned long ptr)
{
	struct block *b;

	hlist_for_each_entry(b, &dde_blocks[hash_long(ptr, DDE_BLOCK_BITS)], node)
		if (b->ptr == ptr && b->kind == DDET_LEAK_MEMORY)
			return b;
	return NULL;
}

/* Without marks it may have grown in its place. */
size_t dde_memory_size(unsigned long ptr)
{
	unsigned long flags;
	struct block *b;
	size_t size;

	raw_local_irq_save(flags);
	b = find(ptr);
	size = b && b->marks ? b->size : 0;
	raw_local_irq_restore(flags);
	return size;
}

u32 dde_memory_caller(unsigned long ptr)
{
	const struct block *b = find(ptr);

	return b ? b->caller : 0;
}

/* The interrupt flag is off: heap.c. */
bool dde_memory_take(unsigned long ptr, u32 *size, u32 *caller, u32 freed)
{
	const struct block *b = find(ptr);

	if (!b || !b->small)
		return false;
	dde_heap_look(ptr, b->size, b->marks, b->caller, freed);
	*size = b->size;
	*caller = b->caller;
	dde_memory_find_and_forget(ptr);
	return true;
}

void dde_memory_unmark(unsigned long ptr)
{
	unsigned long flags;
	struct block *b;

	raw_local_irq_save(flags);
	b = find(ptr);
	if (b)
		unmark(b);
	raw_local_irq_restore(flags);
}

/* Who in the driver asked for memory: 0 if it was not the driver, or if it has no device. */
static u32 asked_by(unsigned long ret, const void *ptr)
{
	unsigned long caller;

	if (!(dde_bound || dde_modules_act) || !ptr)
		return 0;
	caller = ddet_caller(ret);
	return dde_in_driver(caller) ? caller : 0;
}

static void on_kmalloc(void *data, unsigned long ret, const void *ptr, size_t req, size_t alloc, gfp_t gfp, int node)
{
	struct block b = { .kind = DDET_LEAK_MEMORY, .ptr = (unsigned long)ptr, .size = req, .caller = asked_by(ret, ptr) };

	if (!b.caller) {
		/* That it was freed may have gone unseen (kfree_bulk()): it is the driver's no longer. */
		dde_memory_forget(b.ptr);
		return;
	}
	b.small = alloc <= KMALLOC_MAX_CACHE_SIZE && req <= PAGE_SIZE;
	if (b.small)
		b.marks = dde_heap_mark(b.ptr, req, alloc - req);
	remember(b);
}

static void on_cache_alloc(void *data, unsigned long ret, const void *ptr, struct kmem_cache *cache, gfp_t gfp, int node)
{
	u32 caller = asked_by(ret, ptr);

	if (caller)
		dde_memory_remember(DDET_LEAK_MEMORY, (unsigned long)ptr, kmem_cache_size(cache), caller);
}

static void on_kfree(void *data, unsigned long ret, const void *ptr)
{
	dde_memory_forget((unsigned long)ptr);
}

static void on_cache_free(void *data, unsigned long ret, const void *ptr, const struct kmem_cache *cache)
{
	dde_skb_forget((unsigned long)ptr);
	dde_memory_forget((unsigned long)ptr);
}

static bool is_ours(unsigned long ptr)
{
	struct block *b;

	hlist_for_each_entry(b, &dde_blocks[hash_long(ptr, DDE_BLOCK_BITS)], node)
		if (b->ptr == ptr)
			return true;
	return false;
}

static void on_page_free(void *data, struct page *page, unsigned int order)
{
	if (!live_pages)
		return;
	if (is_ours((unsigned long)page))
		dde_live_freed((unsigned long)page_address(page), dde_driver_caller());
	dde_memory_forget((unsigned long)page);
}

unsigned int dde_memory_live(void)
{
	return live + dde_skbs_live();
}

static const char *const leak_names[] = {
	[DDET_LEAK_MEMORY] = "memory", [DDET_LEAK_IOMAP] = "iomap",   [DDET_LEAK_PAGES] = "pages",
	[DDET_LEAK_SKB] = "skb",       [DDET_LEAK_NETDEV] = "netdev",
};

/* The trace has all of them, the log the first ones. */
static void report_leak(unsigned int n, u8 kind, unsigned long ptr, u32 size, u32 caller)
{
	const char *by;

	ddet_leak(kind, caller, ptr, size);
	if (n >= 20)
		return;
	by = dde_driver_place(caller);
	pr_warn("dde: leak: %u bytes of %s at %px allocated by %s\n", size, leak_names[kind], (void *)ptr, by);
	dde_result("{\"type\":\"leak\",\"kind\":\"%s\",\"address\":\"0x%lx\",\"size\":%u,\"caller\":\"%s\"}", leak_names[kind], ptr,
		   size, by);
}

void dde_memory_report_leaks(void)
{
	unsigned int n = 0, i;
	struct block *b;

	for (i = 0; i < ARRAY_SIZE(dde_blocks); i++) {
		hlist_for_each_entry(b, &dde_blocks[i], node)
			dde_heap_look(b->ptr, b->size, b->marks, b->caller, 0);
		hlist_for_each_entry(b, &dde_blocks[i], node)
			if (!(b->by_module && dde_modules_stay))
				report_leak(n++, b->kind, b->ptr, b->size, b->caller);
	}
	for (i = 0; i < DDE_SKBS; i++) {
		if (dde_skbs[i].ptr)
			report_leak(n++, DDET_LEAK_SKB, dde_skbs[i].ptr, dde_skbs[i].size, dde_skbs[i].caller);
	}
}

static int memory_on(void)
{
	return register_trace_kmalloc(on_kmalloc, NULL) ?: register_trace_kfree(on_kfree, NULL) ?:
	       register_trace_kmem_cache_alloc(on_cache_alloc, NULL) ?: register_trace_kmem_cache_free(on_cache_free, NULL) ?:
	       register_trace_mm_page_free(on_page_free, NULL);
}

/* What is freed from now on goes unseen: nothing may be remembered beyond. */
static int memory_off(void)
{
	struct block *b;
	unsigned int i;

	unregister_trace_kmalloc(on_kmalloc, NULL);
	unregister_trace_kfree(on_kfree, NULL);
	unregister_trace_kmem_cache_alloc(on_cache_alloc, NULL);
	unregister_trace_kmem_cache_free(on_cache_free, NULL);
	unregister_trace_mm_page_free(on_page_free, NULL);
	dde_heap_flush();
	for (i = 0; i < ARRAY_SIZE(dde_blocks); i++)
		hlist_for_each_entry(b, &dde_blocks[i], node)
			unmark(b);
	memset(dde_blocks, 0, sizeof(dde_blocks));
	unused = NULL;
	used = live = live_pages = 0;
	dde_skbs_clear();
	return 0;
}

static struct dde_probe probe = { .category = DDET_CAT_CHECK, .on = memory_on, .off = memory_off };

static int __init memory_init(void)
{
	dde_probes_add(&probe, 1);
	return 0;
}
early_initcall(memory_init);
