// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "selftest.h"

static int checks, failures;

void tap_check(bool good, const char *file, int line, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", good ? "" : "not ", ++checks);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	if (!good) {
		failures++;
		printf("# at %s:%d\n", file, line);
	}
	fflush(stdout);
}

void tap_errno(int result, int expected, const char *file, int line, const char *what)
{
	int error = result < 0 ? errno : 0;

	if (error == expected)
		tap_check(true, file, line, "%s: %s", what, expected ? strerror(expected) : "done");
	else
		tap_check(false, file, line, "%s: %s, not %s", what, strerror(error),
			  strerror(expected));
}

int tap_finish(void)
{
	printf("1..%d\n", checks);
	return failures || !checks;
}
