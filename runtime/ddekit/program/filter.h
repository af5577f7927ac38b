/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DDEKIT_PROGRAM_FILTER_H
#define DDEKIT_PROGRAM_FILTER_H

/** Puts the filter on the calling thread; sendmsg() of the message at @passes is let through. Its descriptor, or -errno. */
int ddekit__program_filter(const void *passes);

#endif
