// SPDX-License-Identifier: MIT
/* Traced functions, compiled as kernel and driver code is: every function here is a site. */
#include <setjmp.h>
#include <stdarg.h>
#include "kernel_side.h"

#define NOINLINE __attribute__((noinline, noipa))

jmp_buf the_jump;
void (*the_hook)(void);

NOINLINE long leaf(long x)
{
	__asm__ volatile("");
	return x * 3 + 1;
}

NOINLINE long outer(long x)
{
	return leaf(x) + leaf(x + 1);
}

/* A tail call out of a traced function into a traced one, and on. */
NOINLINE long tail_b(long x)
{
	return leaf(x + 1);
}
NOINLINE long tail_a(long x)
{
	return tail_b(x + 1);
}

NOINLINE long recurse(long n)
{
	long r = n ? recurse(n - 1) : -1;

	__asm__ volatile("" : "+r"(r)); /* or gcc makes a loop of it */
	return r + 1;
}

NOINLINE long many(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j;
}

NOINLINE long varargs(int n, ...)
{
	va_list ap;
	long sum = 0;

	va_start(ap, n);
	while (n--)
		sum += va_arg(ap, long);
	va_end(ap);
	return sum;
}

NOINLINE double floats(int n, ...)
{
	va_list ap;
	double sum = 0;

	va_start(ap, n);
	while (n--)
		sum += va_arg(ap, double);
	va_end(ap);
	return sum;
}

NOINLINE double half(double x)
{
	return x / 2;
}

NOINLINE struct pair two_regs(long a, long b)
{
	return (struct pair){a + b, a - b};
}

NOINLINE struct big in_memory(long a)
{
	return (struct big){{a, a + 1, a + 2, a + 3, a + 4, a + 5}};
}

NOINLINE __int128 wide(__int128 a, __int128 b)
{
	return a + b;
}

NOINLINE void jumper(int depth)
{
	if (depth)
		jumper(depth - 1);
	else
		longjmp(the_jump, 7);
	__asm__ volatile("");
}

NOINLINE int catcher(int depth)
{
	int r = setjmp(the_jump);

	if (!r)
		jumper(depth);
	return r + (int)leaf(1);
}

/* After a longjmp a new call stands in the very slot of a stale shadow entry. */
NOINLINE long after_jump(int rounds)
{
	volatile long sum = 0;
	volatile int i;

	for (i = 0; i < rounds; i++) {
		if (!setjmp(the_jump))
			jumper(i % 5);
		else
			sum += outer(i) + tail_a(i);
	}
	return sum;
}

NOINLINE long switcher(long x)
{
	if (the_hook)
		the_hook();
	return x + leaf(x);
}

NOINLINE long api_add(long a, long b)
{
	return a + b;
}
NOINLINE long api_sum(int n, ...)
{
	va_list ap;
	long sum = 0;

	va_start(ap, n);
	while (n--)
		sum += va_arg(ap, long);
	va_end(ap);
	return sum;
}
NOINLINE unsigned long api_deep(void)
{
	return (unsigned long)__builtin_return_address(0);
}

long __ddethunk_api_add(long a, long b);
long __ddethunk_api_sum(int n, ...);
unsigned long __ddethunk_api_deep(void);

NOINLINE long driver_calls(long x)
{
	return __ddethunk_api_add(x, 1) + __ddethunk_api_sum(3, x, x, x);
}
NOINLINE long driver_tail(long x)
{
	return __ddethunk_api_add(x, 5);
}
NOINLINE unsigned long driver_deep(void)
{
	unsigned long r = __ddethunk_api_deep();

	__asm__ volatile("");
	return r;
}

NOINLINE unsigned work(unsigned x)
{
	__asm__ volatile("");
	return x * 2654435761u + 1;
}
