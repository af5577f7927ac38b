// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slow paths of emission: the next block of a ring, a thread's first ring pages, its shadow stack.
 *
 * These run in the middle of a traced call, whose arguments live in registers: the file is compiled with -mgeneral-regs-only
 * and makes system calls itself, so that no libc code touches xmm registers or errno. ddet_busy is set throughout.
 */
#include <asm/unistd.h>
#include "emit/ddet_cpu.h"
#include "abi/ddetrace.h"
#include "emit/syscall.h"

#define PROT_RW 3
#define MAP_SHARED_ 1
#define MAP_PRIVATE_ANON 0x22
#define MAP_NORESERVE_ 0x4000
#define MADV_POPULATE_WRITE_ 23
#define POPULATE_STEP (256u << 10)

static void *ddet_mmap(unsigned long bytes, int flags, int fd, ddet_u64 offset)
{
	long ret = ddet_syscall6(__NR_mmap, 0, (long)bytes, PROT_RW, flags | MAP_NORESERVE_, fd, (long)offset);

	return ret < 0 && ret > -4096 ? 0 : (void *)ret;
}

/* Faults in the next part of a ring at once: 16 single page faults would double the cost of the events that cause them. */
static void ddet_populate(struct ddet_thread *t, ddet_u64 block)
{
	ddet_u64 end = t->populated + POPULATE_STEP;

	if (block + DDET_BLOCK_BYTES <= t->populated)
		return;
	if (end > ddet_ring_bytes)
		end = ddet_ring_bytes;
	if (end > t->populated)
		ddet_syscall6(__NR_madvise, (long)(t->ring + t->populated), (long)(end - t->populated), MADV_POPULATE_WRITE_, 0,
			      0, 0);
	t->populated = end;
}

static ddet_u64 ddet_lost(struct ddet_thread *t)
{
	ddet_cpu.lim = ddet_cpu.pos; /* nothing may slip in before the next block tells of the loss */
	t->slot->lost++;
	return 0;
}

/*
 * ddet__refill - go on to the next block
 * @bytes: of the event that did not fit
 *
 * Returns the position for that event, or 0 when it is lost. The count of recorded events is not kept by the hot path: a block
 * of n bytes holds n/16 records, less the payload records, which the events that have them count.
 */
ddet_u64 ddet__refill(ddet_u64 bytes)
{
	struct ddet_thread *t = ddet_cpu.thread;
	ddet_u64 next, end, *record;

	if (!t || !t->slot) {
		if (ddet_ctl)
			ddet_ctl->noring_lost++;
		return 0;
	}
	if (!t->ring) {
		t->ring = ddet_mmap(ddet_ring_bytes, MAP_SHARED_, ddet_fd,
				    ddet_rings_offset + t->index * ddet_ring_bytes);
		if (!t->ring)
			return ddet_lost(t);
	}

	end = ddet_cpu.pos ? ddet_cpu.block + DDET_BLOCK_BYTES : 0;
	next = end;
	/* Partner: the reader's release store of `tail` after it has copied what lies below. */
	if (ddet_ctl->mode == DDET_MODE_DROP && next + DDET_BLOCK_BYTES - t->slot->tail > ddet_ring_bytes)
		return ddet_lost(t);

	if (ddet_cpu.pos) {
		ddet_u64 used = ddet_cpu.pos - ddet_cpu.block;

		ddet_cpu.recorded += (used - DDET_BLOCK_HEADER_BYTES) / DDET_RECORD_BYTES - ddet_cpu.extra;
		if (ddet_cpu.pos < end) {
			record = (ddet_u64 *)(ddet_cpu.pos + ddet_cpu.bias);
			record[0] = 0;
			record[1] = DDET_KIND_PAD << DDET_KIND_SHIFT | (end - ddet_cpu.pos) << 32;
		}
		ddet_barrier();
		/* Before the new block is touched: a reader that sees an old head knows that its old block is whole. */
		*ddet_cpu.head = next;
	}
	if (next < ddet_ring_bytes)
		ddet_populate(t, next);
	ddet_cpu.block = next;
	ddet_cpu.extra = 0;
	ddet_cpu.bias = (ddet_u64)t->ring + next % ddet_ring_bytes - next;
	ddet_cpu.lim = next + DDET_BLOCK_BYTES;
	record = (ddet_u64 *)(next + ddet_cpu.bias);
	record[0] = ddet_tsc();
	record[1] = DDET_KIND_BLOCK << DDET_KIND_SHIFT | 1u << DDET_EXTRA_SHIFT | (next / DDET_BLOCK_BYTES) << 32;
	record[2] = ddet_cpu.recorded;
	record[3] = t->slot->lost;
	ddet_cpu.pos = next + DDET_BLOCK_HEADER_BYTES;
	ddet_barrier();
	*ddet_cpu.head = ddet_cpu.pos;
	(void)bytes; /* every event fits into an empty block */
	return ddet_cpu.pos;
}

/* Gives the running thread a shadow stack. Returns 0 when the call must go untraced. */
int ddet__shadow_setup(void)
{
	struct ddet_thread *t = ddet_cpu.thread;
	struct ddet_shadow *base;

	if (!t) {
		if (ddet_ctl)
			ddet_ctl->noring_lost++;
		return 0;
	}
	base = t->shadow_base;
	if (!base) {
		base = ddet_mmap(DDET_SHADOW_BYTES, MAP_PRIVATE_ANON, -1, 0);
		if (!base)
			return 0;
		t->shadow_base = base;
	}
	base[0].slot = ~0ull; /* never popped */
	base[0].ret = 0;
	ddet_cpu.shadow = base + 1;
	ddet_cpu.shadow_lim = base + DDET_SHADOW_BYTES / sizeof(*base);
	ddet_cpu.shadow_deep = ddet_depth_limit ? base + 1 + ddet_depth_limit : ddet_cpu.shadow_lim;
	return 1;
}
