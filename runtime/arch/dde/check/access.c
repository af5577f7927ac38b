// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for mm/kasan, for out-of-tree modules and the memory that they got from kmalloc() while somebody records: gcc calls these
 * functions before each access (-fsanitize=kernel-address, runtime/build/module/sanitize.ts). A byte tells of eight: 0 = all may be
 * touched, 1 to 7 = so many of them, more = none. Memory of anybody else is never closed, so nothing is told of it.
 */
#include <linux/kernel.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <../mm/slab.h>
#include <ddekit/arena.h>
#include <ddet/ddetrace.h>

#include "access.h"
#include "heap.h"
#include "memory.h"

#define GRANULE 8
#define GRANULES (DDEKIT_ARENA_MAX / GRANULE)
#define BEYOND 0xfc
#define FREED 0xfb

/* Host pages that nobody touches take no memory. */
static u8 shadow[GRANULES];

static u8 *at(unsigned long addr)
{
	return &shadow[(addr - DDEKIT_ARENA_BASE) / GRANULE];
}

static bool in_arena(unsigned long addr)
{
	return addr - DDEKIT_ARENA_BASE < DDEKIT_ARENA_MAX;
}

void dde_access_end(unsigned long ptr, size_t size, size_t marks)
{
	unsigned long from = ptr + size, to = ptr + size + marks;

	if (!in_arena(ptr) || !marks)
		return;
	if (from % GRANULE) {
		*at(from) = from % GRANULE;
		from = round_up(from, GRANULE);
	}
	if (from < to)
		memset(at(from), BEYOND, (to - from) / GRANULE);
}

void dde_access_freed(unsigned long ptr, size_t size)
{
	if (in_arena(ptr))
		memset(at(ptr), FREED, DIV_ROUND_UP(size, GRANULE));
}

void dde_access_open(unsigned long ptr, size_t size)
{
	if (in_arena(ptr))
		memset(at(ptr), 0, DIV_ROUND_UP(size, GRANULE));
}

/* A place in a loop is told once: what follows is the same, and may be much. */
static bool is_news(u32 caller)
{
	static u32 told[64];
	static unsigned int count;
	unsigned int i;

	for (i = 0; i < count; i++)
		if (told[i] == caller)
			return false;
	if (count == ARRAY_SIZE(told))
		return false;
	told[count++] = caller;
	return true;
}

static unsigned long object_of(unsigned long addr)
{
	struct folio *folio = virt_to_folio((void *)addr);

	return folio_test_slab(folio) ? (unsigned long)nearest_obj(folio_slab(folio)->slab_cache, folio_slab(folio), (void *)addr) : 0;
}

static noinline void look(unsigned long addr, size_t size, unsigned long caller)
{
	unsigned long bad = addr, last = addr + size - 1, flags;
	u8 state = *at(addr);
	u32 by;

	if (state < GRANULE && (!state || addr % GRANULE < state)) {
		bad = last;
		state = *at(last);
		if (state < GRANULE && (!state || last % GRANULE < state))
			return;
	}
	if (!(ddet_categories & DDET_CAT_CHECK) || !is_news(caller))
		return;
	raw_local_irq_save(flags);
	if (state == FREED) {
		by = dde_heap_freed_by(bad);
		ddet_misuse(DDET_MISUSE_ACCESS_FREED, caller, addr, size, by);
	} else {
		by = dde_memory_caller(object_of(bad));
		ddet_misuse(DDET_MISUSE_ACCESS_BEYOND, caller, addr, size, by);
	}
	raw_local_irq_restore(flags);
}

static __always_inline void check(unsigned long addr, size_t size, unsigned long caller)
{
	if (in_arena(addr) && in_arena(addr + size - 1) && unlikely(*at(addr) | *at(addr + size - 1)))
		look(addr, size, caller);
}

#define ACCESS(n) \
	void __asan_load##n##_noabort(unsigned long addr); \
	void __asan_load##n##_noabort(unsigned long addr) \
	{ \
		check(addr, n, (unsigned long)__builtin_return_address(0)); \
	} \
	void __asan_store##n##_noabort(unsigned long addr); \
	void __asan_store##n##_noabort(unsigned long addr) \
	{ \
		check(addr, n, (unsigned long)__builtin_return_address(0)); \
	}

ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

void __asan_loadN_noabort(unsigned long addr, size_t size);
void __asan_loadN_noabort(unsigned long addr, size_t size)
{
	if (size)
		check(addr, size, (unsigned long)__builtin_return_address(0));
}

void __asan_storeN_noabort(unsigned long addr, size_t size);
void __asan_storeN_noabort(unsigned long addr, size_t size)
{
	if (size)
		check(addr, size, (unsigned long)__builtin_return_address(0));
}

/* Before a call that does not return: closed stacks would have to be opened, and none is closed. */
void __asan_handle_no_return(void);
void __asan_handle_no_return(void)
{
}
