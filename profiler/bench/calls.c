// SPDX-License-Identifier: MIT
/* What uftrace records once for bench:profiler; only the description of the session is kept (uftrace-data.ts). */
__attribute__((noinline)) static void leaf(volatile int *x)
{
	(*x)++;
}

int main(void)
{
	volatile int x = 0;

	leaf(&x);
	return x != 1;
}
