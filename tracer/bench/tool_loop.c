// SPDX-License-Identifier: MIT
/* The benchmark's function and loop for other tracers. Prints ns per call.   tool_loop CALLS */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef USE_LTTNG
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "lttng_tp.h"
#define ENTRY(x) lttng_ust_tracepoint(dde_bench, entry, x)
#define EXIT(x) lttng_ust_tracepoint(dde_bench, exit, x)
#else
#define ENTRY(x) (void)0
#define EXIT(x) (void)0
#endif

__attribute__((noinline, noipa)) unsigned work(unsigned x)
{
	unsigned y;

	ENTRY(x);
	__asm__ volatile("");
	y = x * 2654435761u + 1;
	EXIT(y);
	return y;
}

__attribute__((no_instrument_function)) int main(int argc, char **argv)
{
	unsigned calls = argc > 1 ? (unsigned)atoi(argv[1]) : 1000000, sum = 0, i;
	struct timespec a, b;

	for (i = 0; i < 1000; i++)
		sum += work(i);
	clock_gettime(CLOCK_MONOTONIC_RAW, &a);
	for (i = 0; i < calls; i++)
		sum += work(i);
	clock_gettime(CLOCK_MONOTONIC_RAW, &b);
	printf("%.3f %u\n", ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / calls, sum);
	return 0;
}
