/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DDEKIT_PROGRAM_FILTER_H
#define DDEKIT_PROGRAM_FILTER_H

#include <ddekit/program.h>

/** The last of the program's descriptors is kept for mappings of the driver's memory: mmap() of it is let through. */
#define FILTER_MAP_FD (DDEKIT_PROGRAM_NOFILE - 1)

/**
 * Puts the filter on the calling thread; what is let through: sendmsg() of the message at @passes, close() and munmap() with @passes as a sixth
 * argument. Its descriptor, or -errno.
 */
int ddekit__program_filter(const void *passes);

#endif
