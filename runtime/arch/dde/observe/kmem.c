// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for kernel/trace: the slab and page allocators. */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <trace/events/kmem.h>

#include "frames.h"
#include "probes.h"
#include "trace.h"

static void on_kmalloc(void *data, unsigned long caller, const void *ptr, size_t req, size_t alloc, gfp_t gfp, int node)
{
	ddet_kmalloc(P(ptr), caller, req, alloc, (__force u32)gfp);
}

static void on_kfree(void *data, unsigned long caller, const void *ptr)
{
	ddet_kfree(P(ptr), caller);
}

static void on_kmem_cache_alloc(void *data, unsigned long caller, const void *ptr, struct kmem_cache *s, gfp_t gfp, int node)
{
	ddet_kmem_cache_alloc(P(ptr), caller, kmem_cache_size(s), kmem_cache_size(s), (__force u32)gfp);
}

static void on_kmem_cache_free(void *data, unsigned long caller, const void *ptr, const struct kmem_cache *s)
{
	ddet_kmem_cache_free(P(ptr), caller);
}

static void on_mm_page_alloc(void *data, struct page *page, unsigned int order, gfp_t gfp, int type)
{
	ddet_mm_page_alloc(page ? page_to_pfn(page) : 0, order, (__force u32)gfp, dde_caller_up(2));
}

static void on_mm_page_free(void *data, struct page *page, unsigned int order)
{
	ddet_mm_page_free(page_to_pfn(page), order, dde_caller_up(2));
}

#define EVENTS(X) \
	X(DDET_CAT_KMEM, kmalloc) \
	X(DDET_CAT_KMEM, kfree) \
	X(DDET_CAT_KMEM, kmem_cache_alloc) \
	X(DDET_CAT_KMEM, kmem_cache_free) \
	X(DDET_CAT_KMEM, mm_page_alloc) \
	X(DDET_CAT_KMEM, mm_page_free)

DDE_PROBES(EVENTS);
