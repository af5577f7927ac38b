/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DDEKIT_PROGRAM_PROGRAM_H
#define DDEKIT_PROGRAM_PROGRAM_H

/* The filter's descriptor; -1 before there is one. */
extern int ddekit__program_listener;
/** What the filter lets pass. */
extern const void *const ddekit__program_passes;
/** A copy of @fd in the process of a call, as number @at (-1: the lowest free one); its number, or -errno. */
int ddekit__program_give(unsigned long long id, int fd, int at, int cloexec);
/** A link of /proc/PID/fd leads to a mirror (mirror.c). */
int ddekit__program_mirrors(const char *link);

#endif
