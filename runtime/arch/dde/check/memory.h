/* SPDX-License-Identifier: GPL-2.0-only */
/* What the driver got while bound and nobody has freed since: memory, pages, register mappings, network devices. Recorded runs only. */
#ifndef ARCH_DDE_MEMORY_H
#define ARCH_DDE_MEMORY_H
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/types.h>

#define DDE_BLOCK_BITS 10
extern struct hlist_head dde_blocks[1 << DDE_BLOCK_BITS];
void dde_memory_find_and_forget(unsigned long ptr);

/** It is the driver's no longer. Any context; cheap for what is not here. */
static inline void dde_memory_forget(unsigned long ptr)
{
	if (!hlist_empty(&dde_blocks[hash_long(ptr, DDE_BLOCK_BITS)]))
		dde_memory_find_and_forget(ptr);
}

/** @kind: DDET_LEAK_*; @caller: a return address in the driver. Any context. */
void dde_memory_remember(u8 kind, unsigned long ptr, size_t size, u32 caller);
/**
 * What kmalloc() gave at @ptr is the driver's no longer, at @freed, and small enough to be put aside: its size and who allocated it. False,
 * and nothing changes, for all else.
 */
bool dde_memory_take(unsigned long ptr, u32 *size, u32 *caller, u32 freed);
/** The driver may use what lies behind the memory that it asked for (ksize). */
void dde_memory_unmark(unsigned long ptr);
/** How many there are, socket buffers included. */
unsigned int dde_memory_live(void);
/** Prints and reports each of them. */
void dde_memory_report_leaks(void);
/** Who in the driver asked for the memory at @ptr; 0: not known. The interrupt flag is off. */
u32 dde_memory_caller(unsigned long ptr);
/** What the driver asked for when it got @ptr; 0: not known. */
size_t dde_memory_size(unsigned long ptr);
#endif
