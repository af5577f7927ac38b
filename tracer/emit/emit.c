// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes typed events. The hot path: no lock, no call, one clock read, stores.
 *
 * A record becomes visible to the reader by the store to *head; x86 keeps stores in order, so the barrier before it is one for
 * the compiler only. Its partner is the acquire load of `head` in the recorder (region/region.h).
 */
#include "emit/ddet_cpu.h"
#include "abi/ddetrace.h"

struct ddet_cpu ddet_cpu;
volatile int ddet_busy;
unsigned int ddet_categories;

/* Room for @bytes, at most one block; NULL and counted when there is none. */
static inline ddet_u64 *ddet_reserve(ddet_u64 bytes)
{
	ddet_u64 pos = ddet_cpu.pos;

	if (__builtin_expect(pos + bytes > ddet_cpu.lim, 0)) {
		pos = ddet__refill(bytes);
		if (!pos)
			return 0;
	}
	return (ddet_u64 *)(pos + ddet_cpu.bias);
}

static inline void ddet_commit(ddet_u64 bytes)
{
	ddet_cpu.pos += bytes;
	ddet_barrier();
	*ddet_cpu.head = ddet_cpu.pos;
}

static inline void ddet_head(ddet_u64 *record, unsigned int id, unsigned int arg)
{
	record[0] = ddet_tsc();
	record[1] = id | (ddet_u64)arg << 32;
}

void ddet__emit0(unsigned int id, unsigned int arg)
{
	ddet_u64 *r;

	ddet_busy = 1;
	ddet_barrier();
	r = ddet_reserve(16);
	if (r) {
		ddet_head(r, id, arg);
		ddet_commit(16);
	}
	ddet_barrier();
	ddet_busy = 0;
}

void ddet__emit1(unsigned int id, unsigned int arg, ddet_u64 a, ddet_u64 b)
{
	ddet_u64 *r;

	ddet_busy = 1;
	ddet_barrier();
	r = ddet_reserve(32);
	if (r) {
		ddet_head(r, id, arg);
		r[2] = a;
		r[3] = b;
		ddet_cpu.extra += 1;
		ddet_commit(32);
	}
	ddet_barrier();
	ddet_busy = 0;
}

void ddet__emit2(unsigned int id, unsigned int arg, ddet_u64 a, ddet_u64 b, ddet_u64 c, ddet_u64 d)
{
	ddet_u64 *r;

	ddet_busy = 1;
	ddet_barrier();
	r = ddet_reserve(48);
	if (r) {
		ddet_head(r, id, arg);
		r[2] = a;
		r[3] = b;
		r[4] = c;
		r[5] = d;
		ddet_cpu.extra += 2;
		ddet_commit(48);
	}
	ddet_barrier();
	ddet_busy = 0;
}

void ddet__emit3(unsigned int id, unsigned int arg, ddet_u64 a, ddet_u64 b, ddet_u64 c, ddet_u64 d, ddet_u64 e, ddet_u64 f)
{
	ddet_u64 *r;

	ddet_busy = 1;
	ddet_barrier();
	r = ddet_reserve(64);
	if (r) {
		ddet_head(r, id, arg);
		r[2] = a;
		r[3] = b;
		r[4] = c;
		r[5] = d;
		r[6] = e;
		r[7] = f;
		ddet_cpu.extra += 3;
		ddet_commit(64);
	}
	ddet_barrier();
	ddet_busy = 0;
}

void ddet_drop(void)
{
	struct ddet_thread *t = ddet_cpu.thread;

	if (t && t->slot)
		t->slot->lost++;
	else if (ddet_ctl)
		ddet_ctl->noring_lost++;
}

#define DDET_MAX_PAYLOAD 240u

static void ddet_put_bytes(unsigned int event, unsigned int arg, const unsigned char *from, unsigned int len)
{
	unsigned int records = (len + 15) / 16, i;
	ddet_u64 *r = ddet_reserve(16 + 16 * records);
	unsigned char *to = (unsigned char *)(r + 2);

	if (!r)
		return;
	ddet_head(r, DDET_ID_EVENT(records, event), arg);
	for (i = 0; i < 16 * records; i++)
		to[i] = i < len ? from[i] : 0;
	ddet_cpu.extra += records;
	ddet_commit(16 + 16 * records);
}

void ddet__emit_bytes(unsigned int event, unsigned int arg, const void *data, unsigned int len)
{
	ddet_busy = 1;
	ddet_barrier();
	ddet_put_bytes(event, arg, data, len < DDET_MAX_PAYLOAD ? len : DDET_MAX_PAYLOAD);
	ddet_barrier();
	ddet_busy = 0;
}

void ddet__emit_text(unsigned int event, unsigned int arg, const char *text, unsigned int len)
{
	ddet_busy = 1;
	ddet_barrier();
	do {
		unsigned int part = len < DDET_MAX_PAYLOAD ? len : DDET_MAX_PAYLOAD;

		ddet_put_bytes(event, arg, (const unsigned char *)text, part);
		text += part;
		len -= part;
	} while (len);
	ddet_barrier();
	ddet_busy = 0;
}
