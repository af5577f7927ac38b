/* SPDX-License-Identifier: GPL-2.0-only */
/* The one table of exit codes; profiler/cli/exit-codes.ts holds the same numbers (a test compares). */
#ifndef DDEKIT_EXIT_CODES_H
#define DDEKIT_EXIT_CODES_H

enum ddekit_exit_code {
	DDEKIT_EXIT_OK = 0,
	DDEKIT_EXIT_WORKLOAD = 1,
	DDEKIT_EXIT_USAGE = 2,
	DDEKIT_EXIT_MISSING = 3,
	DDEKIT_EXIT_BUILD = 4,
	DDEKIT_EXIT_NO_DEVICE = 5,
	DDEKIT_EXIT_BACKEND = 6,
	DDEKIT_EXIT_CRASH = 7,
	DDEKIT_EXIT_WATCHDOG = 8,
	DDEKIT_EXIT_TRACE = 9,
	DDEKIT_EXIT_IO = 10,
	DDEKIT_EXIT_LEAK = 11,
	DDEKIT_EXIT_FOUND = 12,
	DDEKIT_EXIT_INTERNAL = 70,
	DDEKIT_EXIT_INTERRUPTED = 130,
};

#endif
