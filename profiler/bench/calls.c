// SPDX-License-Identifier: MIT
/* What uftrace records for bench:profiler: calls in the shape of a driver's receive path, `argv[1]` packets, 20 calls each. */
#include <stdlib.h>

static volatile unsigned long sink;

__attribute__((noinline)) static void leaf(unsigned long x)
{
	sink += x;
}

__attribute__((noinline)) static void map(unsigned long x)
{
	leaf(x);
	leaf(x + 1);
}

__attribute__((noinline)) static void alloc(unsigned long x)
{
	map(x);
	map(x + 1);
	sink++;
}

__attribute__((noinline)) static void receive(unsigned long x)
{
	leaf(x);
	alloc(x);
	alloc(x + 1);
	sink++;
}

__attribute__((noinline)) static void poll(unsigned long x)
{
	receive(x);
	leaf(x);
	leaf(x + 2);
	sink++;
}

int main(int argc, char **argv)
{
	for (unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000; n; n--)
		poll(n);
	return 0;
}
