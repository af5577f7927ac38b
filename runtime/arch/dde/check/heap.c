// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for slub_debug=FZP of mm/slub.c, which takes the fast path from all of Linux: marks behind the driver's own allocations, and
 * what it frees is filled and put aside for a while. Any context; the interrupt flag protects the table.
 */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/poison.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/version.h>
#include <../mm/slab.h>
#include <ddet/ddetrace.h>

#include "access.h"
#include "guard.h"
#include "heap.h"
#include "mappings.h"
#include "memory.h"

#define ASIDE 64
#define LARGEST 4096
#define MARKS 32
#define MARK 0xbb
#define LEAST_ROOM 8

static struct aside {
	unsigned long ptr;
	u32 size, allocated, freed;
} aside[ASIDE];
static unsigned int next;

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define ALLOCATE kmalloc_trace
#define TYPE(gfp) kmalloc_type(gfp)
#else
#define ALLOCATE __kmalloc_cache_noprof
#define TYPE(gfp) kmalloc_type(gfp, _RET_IP_)
#endif

/* Powers of two keep their alignment, which drivers may rely on. The trace shows the size that was asked for. */
void dde_heap_widen(struct dde_guard_regs *r, bool constant)
{
	size_t size = constant ? r->rdx : r->rdi;
	gfp_t gfp = (__force gfp_t)r->rsi;

	if (!size || size > LARGEST)
		return;
	r->rdi = (unsigned long)kmalloc_caches[TYPE(gfp)][__kmalloc_index(is_power_of_2(size) ? 2 * size : size + LEAST_ROOM, false)];
	r->rdx = size;
	r->function = (unsigned long)ALLOCATE;
}

u8 dde_heap_mark(unsigned long ptr, size_t size, size_t room)
{
	room = min_t(size_t, room, MARKS);
	if (size > LARGEST)
		return 0;
	memset((void *)(ptr + size), MARK, room);
	dde_access_end(ptr, size, room);
	return room;
}

void dde_heap_look(unsigned long ptr, size_t size, u8 marks, u32 caller, u32 freed)
{
	if (memchr_inv((void *)(ptr + size), MARK, marks))
		ddet_misuse(DDET_MISUSE_HEAP_OVERFLOW, caller, ptr, size, freed);
}

static void release(struct aside *a)
{
	if (!a->ptr)
		return;
	if (memchr_inv((void *)a->ptr, POISON_FREE, a->size))
		ddet_misuse(DDET_MISUSE_FREED_WRITE, a->freed, a->ptr, a->size, a->allocated);
	dde_access_open(a->ptr, a->size);
	kfree((void *)a->ptr);
	a->ptr = 0;
}

/* The start of what kmalloc() or a cache gives; that is all that kfree() may get. */
static bool is_object(unsigned long ptr)
{
	struct folio *folio;

	if (!virt_addr_valid((void *)ptr))
		return false;
	folio = virt_to_folio((void *)ptr);
	if (!folio_test_slab(folio))
		return ptr == (unsigned long)folio_address(folio);
	return (unsigned long)nearest_obj(folio_slab(folio)->slab_cache, folio_slab(folio), (void *)ptr) == ptr;
}

/* Stands in for mm/usercopy.c, at a machine's cost of CONFIG_HARDENED_USERCOPY for those who record only. */
void dde_heap_copied(unsigned long ptr, size_t size, u32 caller)
{
	unsigned long object;
	struct folio *folio;
	size_t has;

	if (!virt_addr_valid((void *)ptr) || !size)
		return;
	folio = virt_to_folio((void *)ptr);
	if (!folio_test_slab(folio))
		return;
	object = (unsigned long)nearest_obj(folio_slab(folio)->slab_cache, folio_slab(folio), (void *)ptr);
	has = dde_memory_size(object) ?: kmem_cache_size(folio_slab(folio)->slab_cache);
	if (ptr - object + size > has)
		ddet_misuse(DDET_MISUSE_BAD_COPY, caller, ptr, size, has);
}

bool dde_heap_free(unsigned long ptr, u32 caller)
{
	struct aside a = { .ptr = ptr, .freed = caller };
	unsigned long flags;
	unsigned int i;

	raw_local_irq_save(flags);
	for (i = 0; i < ASIDE; i++) {
		if (aside[i].ptr != ptr || !ptr)
			continue;
		ddet_misuse(DDET_MISUSE_DOUBLE_FREE, caller, ptr, aside[i].size, aside[i].freed);
		raw_local_irq_restore(flags);
		return true;
	}
	if (!dde_memory_take(ptr, &a.size, &a.allocated, caller)) {
		raw_local_irq_restore(flags);
		if (ZERO_OR_NULL_PTR((void *)ptr) || is_object(ptr))
			return false;
		/* kfree() would damage the heap, and somebody else would stumble over that. */
		ddet_misuse(DDET_MISUSE_BAD_FREE, caller, ptr, 0, 0);
		return true;
	}
	dde_live_freed(ptr, caller);
	memset((void *)ptr, POISON_FREE, a.size);
	dde_access_freed(ptr, a.size);
	swap(a, aside[next++ % ASIDE]);
	raw_local_irq_restore(flags);
	release(&a);
	return true;
}

u32 dde_heap_freed_by(unsigned long addr)
{
	unsigned int i;

	for (i = 0; i < ASIDE; i++)
		if (aside[i].ptr && addr - aside[i].ptr < aside[i].size)
			return aside[i].freed;
	return 0;
}

void dde_heap_flush(void)
{
	unsigned int i;

	for (i = 0; i < ASIDE; i++)
		release(&aside[i]);
}
