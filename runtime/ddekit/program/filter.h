/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DDEKIT_PROGRAM_FILTER_H
#define DDEKIT_PROGRAM_FILTER_H

/** The program's limit of open files. The last one is kept for mappings of the driver's memory: mmap() of it is let through. */
#define FILTER_NOFILE 1024
#define FILTER_MAP_FD (FILTER_NOFILE - 1)

/**
 * Puts the filter on the calling thread; what is let through: sendmsg() of the message at @passes, close() and munmap() with @passes as a sixth
 * argument. Its descriptor, or -errno.
 */
int ddekit__program_filter(const void *passes);

#endif
