/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* One moment on three clocks, for both sides of the region (C and C++). Needs libc, so the kernel side does not see it. */
#ifndef DDET_CLOCKS_H
#define DDET_CLOCKS_H

#include <time.h>
#include <x86intrin.h>

/*
 * @tsc, @mono_raw (CLOCK_MONOTONIC_RAW, ns), @realtime (CLOCK_REALTIME, ns): the best of some tries, that is with the least between two
 * TSC readings around the first clock; about 50 ns apart when the machine is not busy.
 */
static inline void ddet_read_clocks(unsigned long long *tsc, unsigned long long *mono_raw, unsigned long long *realtime)
{
	unsigned long long best = ~0ull;

	for (int i = 0; i < 8; i++) {
		struct timespec mono, real;
		unsigned long long a, b;

		a = __rdtsc();
		clock_gettime(CLOCK_MONOTONIC_RAW, &mono);
		b = __rdtsc();
		clock_gettime(CLOCK_REALTIME, &real);
		if (b - a >= best)
			continue;
		best = b - a;
		*tsc = a + (b - a) / 2;
		*mono_raw = (unsigned long long)mono.tv_sec * 1000000000u + (unsigned long long)mono.tv_nsec;
		*realtime = (unsigned long long)real.tv_sec * 1000000000u + (unsigned long long)real.tv_nsec;
	}
}

#endif
