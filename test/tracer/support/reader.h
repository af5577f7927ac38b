/* SPDX-License-Identifier: MIT */
/* Reads the rings of this very process, for tests. Written apart from the tracer: FORMAT.md is its only source. */
#ifndef READER_H
#define READER_H

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include "abi/ddet_abi.h"

struct rec {
	uint64_t tsc;
	uint32_t id, arg;
};

/* Copies the records [from, to) of a ring; counts events (not payload, block or pad records). */
static inline long ring_events(const uint8_t *region, unsigned int slot_index, uint64_t from, struct rec *out, long max)
{
	const struct ddet_ctl *ctl = (const void *)region;
	const struct ddet_slot *slot = (const struct ddet_slot *)(region + ctl->table_offset) + slot_index;
	const uint8_t *ring = region + ctl->rings_offset + slot_index * ctl->ring_bytes;
	uint64_t pos = from;
	long n = 0;

	while (pos < slot->head) {
		struct rec r;

		memcpy(&r, ring + pos % ctl->ring_bytes, 16);
		switch (DDET_KIND(r.id)) {
		case DDET_KIND_PAD:
			pos += r.arg;
			continue;
		case DDET_KIND_BLOCK:
			pos += 32;
			continue;
		case DDET_KIND_EVENT:
			pos += 16 + 16 * DDET_EXTRA(r.id);
			break;
		case DDET_KIND_ENTRY:
			pos += 16 + (r.id >> 24 & 15 ? (r.id >> 24 & 15) > 4 ? 32 : 16 : 0);
			break;
		case DDET_KIND_EXIT:
			pos += 16;
			break;
		default:
			return -1;
		}
		if (n < max)
			out[n] = r;
		n++;
	}
	return n;
}

#endif
