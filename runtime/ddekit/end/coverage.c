// SPDX-License-Identifier: GPL-2.0-only
/*
 * gcc's constructors of the tables of counters stand in a section of their own: Linux would call them too late or not at all, the C library
 * calls its own only. And its library writes the counters at exit(), which this process never calls.
 */
#include "end/coverage.h"

typedef void (*constructor)(void);

extern const constructor __start_dde_coverage[] __attribute__((weak));
extern const constructor __stop_dde_coverage[] __attribute__((weak));
extern void __gcov_dump(void) __attribute__((weak));

void ddekit__coverage_init(void)
{
	const constructor *c;

	for (c = __start_dde_coverage; c < __stop_dde_coverage; c++)
		(*c)();
}

void ddekit__coverage_write(void)
{
	if (__gcov_dump)
		__gcov_dump();
}
