/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of a driver that was compiled to count which lines and branches run (runtime/build/kbuild/coverage.ts); nothing in others. */
#ifndef DDEKIT_END_COVERAGE_H
#define DDEKIT_END_COVERAGE_H

/** Before the driver runs. */
void ddekit__coverage_init(void);
/** Writes them into the files that the environment names (GCOV_PREFIX). Allocates: not after a crash. */
void ddekit__coverage_write(void);

#endif
