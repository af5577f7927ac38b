/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that the driver overruns, frees twice, or uses after it was freed. Recorded runs only. */
#ifndef ARCH_DDE_HEAP_H
#define ARCH_DDE_HEAP_H
#include <linux/types.h>

struct dde_guard_regs;
/** A call of kmalloc gets room behind what it asks for. @constant: of kmalloc_trace(), which has its cache already. */
void dde_heap_widen(struct dde_guard_regs *r, bool constant);
/** Marks the room behind @size bytes; returns how much of it is marked. */
u8 dde_heap_mark(unsigned long ptr, size_t size, size_t room);
/** Tells when the marks behind @size bytes are gone. @freed: the line that frees it, 0 if none does. */
void dde_heap_look(unsigned long ptr, size_t size, u8 marks, u32 caller, u32 freed);
/** The driver calls kfree(): true when it is put aside, or was freed before, and the call must not be made. */
bool dde_heap_free(unsigned long ptr, u32 caller);
/** Who in the driver freed the memory at @addr, which is put aside; 0: not known. The interrupt flag is off. */
u32 dde_heap_freed_by(unsigned long addr);
/** Looks at all that is put aside and frees it. */
void dde_heap_flush(void);
/** The driver has @size bytes from @ptr on read or written by a function of Linux: told if they reach beyond their object. */
void dde_heap_copied(unsigned long ptr, size_t size, u32 caller);
#endif
