/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SIDE_H
#define KERNEL_SIDE_H

struct pair {
	long a, b;
};
struct big {
	long v[6];
};

extern void (*the_hook)(void);

long leaf(long x);
long outer(long x);
long tail_a(long x);
long tail_b(long x);
long recurse(long n);
long many(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j);
long varargs(int n, ...);
double floats(int n, ...);
double half(double x);
struct pair two_regs(long a, long b);
struct big in_memory(long a);
__int128 wide(__int128 a, __int128 b);
void jumper(int depth);
int catcher(int depth);
long after_jump(int rounds);
long switcher(long x);
long driver_calls(long x);
long driver_tail(long x);
unsigned long driver_deep(void);
unsigned work(unsigned x);

#endif
