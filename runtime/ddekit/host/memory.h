/* SPDX-License-Identifier: GPL-2.0-only */
/* The arena's file and mapping. */
#ifndef DDEKIT_HOST_MEMORY_H
#define DDEKIT_HOST_MEMORY_H

/** Maps the arena; ends the process with a message when it cannot. */
void ddekit__arena_init(void);
/** The file behind it, whose offsets are physical addresses: what a back end shares with its device. */
int ddekit__arena_fd(void);
/** The size of that file: the first physical address behind the arena. */
unsigned long ddekit__arena_end(void);

/** Something else is mapped in place of these pages of the arena... */
void ddekit__arena_lend(void *at, unsigned long size);
/** ... which some of the file's are, from this offset on. */
int ddekit__arena_lent(unsigned long offset, unsigned long size);
/** These pages of the arena are its own again. */
void ddekit__arena_restore(void *at, unsigned long size);

#endif
