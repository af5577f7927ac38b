// SPDX-License-Identifier: GPL-2.0-only
/*
 * Return addresses of traced calls: on the stack stands a return point of a cell, on the shadow stack the caller's address.
 * General registers only and no libc: called from the middle of traced calls, too.
 */
#include "abi/ddetrace.h"
#include "emit/ddet_cpu.h"

/* Set by control/ when the first site is switched on. */
unsigned long ddet_cells_base, ddet_cells_size;
const ddet_u64 *ddet_targets;

unsigned long ddet__caller(unsigned long ret)
{
	const struct ddet_shadow *s = ddet_cpu.shadow;

	if (!s)
		return ret;
	while ((--s)->ret - ddet_cells_base < ddet_cells_size)
		;
	return s->ret;
}

/* 0 when no entry of the shadow stack below @s is of this stack word. */
static unsigned long find(const struct ddet_shadow *s, const void *slot)
{
	/* Several entries may share the slot (tail calls): the oldest of them holds the caller. */
	while (s && (--s)->slot != ~0ull) {
		if (s->slot == (unsigned long)slot && s->ret - ddet_cells_base >= ddet_cells_size)
			return s->ret;
	}
	return 0;
}

unsigned long ddet_real_return(const void *slot, unsigned long ret)
{
	unsigned long real;

	if (ret - ddet_cells_base >= ddet_cells_size)
		return ret;
	real = find(ddet_cpu.shadow, slot);
	/* The stack of another thread, which is parked: no two stacks share a word. */
	for (const struct ddet_thread *t = ddet_threads; t && !real; t = t->next)
		if (t != ddet_cpu.thread)
			real = find(t->cpu.shadow, slot);
	return real ? real : ret;
}
