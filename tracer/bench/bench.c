// SPDX-License-Identifier: MIT
/*
 * Cost of recording, in one process and in interleaved rounds. Prints one JSON line a round: ns per call or pair, base included.
 *
 *	bench ROUNDS CALLS
 *
 * plain: a small function, not instrumented. off: the same with a site, switched off. ref: two clock readings and two 16-byte
 * stores in line, into a ring of 64 MiB: what a tracer cannot beat. stub: the site switched on. event: a typed event with two
 * arguments, in a function of the same size. event_off: the same with its category off.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "emit/ddet_cpu.h"
#include "abi/ddetrace.h"
#include "work.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

volatile unsigned sink;

#define MEASURE(f)                                                                                                              \
	({                                                                                                                      \
		double start_ = now();                                                                                          \
		unsigned sum_ = 0;                                                                                              \
		for (unsigned i_ = 0; i_ < calls; i_++)                                                                         \
			sum_ += f(i_);                                                                                          \
		sink = sum_;                                                                                                    \
		(now() - start_) / calls;                                                                                       \
	})

unsigned char *ref_ring;
unsigned long ref_cursor;

static void control(unsigned categories, int sites)
{
	unsigned char *bitmap = (unsigned char *)ddet_ctl + ddet_ctl->bitmap_offset;
	unsigned i;

	for (i = 0; i < (ddet_ctl->site_count + 7) / 8; i++)
		bitmap[i] = sites ? 0xff : 0;
	ddet_ctl->categories = categories;
	ddet_ctl->generation++;
	ddet_poll();
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 9, calls = argc > 2 ? (unsigned)atoi(argv[2]) : 1000000, r;
	struct ddet_ctl ctl = {0};
	int fd = memfd_create("bench", 0), ref = memfd_create("ref", 0);

	ddet_region_layout(&ctl, REF_BYTES, DDET_MODE_OVERWRITE);
	if (fd < 0 || ftruncate(fd, (off_t)ctl.region_bytes) || pwrite(fd, &ctl, sizeof(ctl), 0) != sizeof(ctl) || ddet_init(fd))
		return 1;
	if (ref < 0 || ftruncate(ref, REF_BYTES))
		return 1;
	ref_ring = mmap(NULL, REF_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ref, 0);
	if (ref_ring == MAP_FAILED)
		return 1;
	ddet_switch(ddet_thread_new("bench", DDET_ROLE_BOOT, (int)getpid()));
	/* Warm up: every page of the ring is there. */
	control(~0u, 1);
	for (r = 0; r < REF_BYTES / 32 + 1000; r++)
		sink += work_site(r);
	for (r = 0; r < rounds; r++) {
		double plain, off, stub, event, event_off, reference;

		control(0, 0);
		/* Whatever is first after the text was rewritten is slower. */
		plain = MEASURE(work_plain);
		plain = MEASURE(work_plain);
		off = MEASURE(work_site);
		event_off = MEASURE(work_event);
		reference = MEASURE(work_ref);
		control(~0u, 1);
		stub = MEASURE(work_site);
		event = MEASURE(work_event);
		printf("{\"plain\":%.3f,\"off\":%.3f,\"ref\":%.3f,\"stub\":%.3f,\"event\":%.3f,\"event_off\":%.3f}\n", plain, off,
		       reference, stub, event, event_off);
	}
	return ddet_ctl->patched_sites ? 0 : 1;
}
