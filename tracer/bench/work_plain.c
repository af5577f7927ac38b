// SPDX-License-Identifier: MIT
#include "abi/ddetrace.h"
#include "work.h"

NOINLINE unsigned work_plain(unsigned x)
{
	__asm__ volatile("");
	return WORK(x);
}

NOINLINE unsigned work_event(unsigned x)
{
	ddet_irq_handler_exit(x, x + 1);
	__asm__ volatile("");
	return WORK(x);
}

static inline void record(unsigned id, unsigned arg)
{
	unsigned long long *at = (unsigned long long *)(ref_ring + (ref_cursor & (REF_BYTES - 1)));

	at[0] = ddet_tsc();
	at[1] = id | (unsigned long long)arg << 32;
	__atomic_store_n(&ref_cursor, ref_cursor + 16, __ATOMIC_RELEASE);
}

NOINLINE unsigned work_ref(unsigned x)
{
	unsigned y;

	record(1, x);
	__asm__ volatile("");
	y = WORK(x);
	record(2, y);
	return y;
}
