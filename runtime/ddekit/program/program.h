/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DDEKIT_PROGRAM_PROGRAM_H
#define DDEKIT_PROGRAM_PROGRAM_H

/** The sixth argument, or the message, that the filter lets pass. */
extern const void *const ddekit__program_passes;

/* hand.c */
/** Sends a descriptor, or -errno in place of one, with a text; the filter lets it pass. 0 or -errno. */
int ddekit__program_hand(int to, int fd, const char *text);
/** Takes it: the descriptor, or -errno. @text, of @size bytes, ends with a 0. */
int ddekit__program_take(int from, char *text, unsigned int size);
/** Puts the filter on the calling thread and hands it over with the text; leaves no descriptor behind. 0 or -errno. */
int ddekit__program_submit(int to, const char *text);

/* session.c */
/** A program whose calls come by the filter's descriptor; its number, or -errno. The descriptor is this file's then. */
int ddekit__program_open(int listener, const char *rules);
/** The filter's descriptor of a program, -1: there is none. */
int ddekit__program_listener(unsigned int program);

/* calls.c */
/** A copy of @fd in the process of a call, as number @at (-1: the lowest free one); its number, or -errno. */
int ddekit__program_give(unsigned long long id, int fd, int at, int cloexec);
/** A link of /proc/PID/fd leads to a mirror (mirror.c). */
int ddekit__program_mirrors(const char *link);

/* launch.c */
/** `driver --launch PID [--map-path RULE]... -- PROGRAM ARGUMENTS`: brings a program to a running driver; does not come back. */
void ddekit__program_launch(int argc, char **argv) __attribute__((noreturn));
/** `driver --may-launch`: 0 when this host lets it; otherwise the process ends with a message and DDEKIT_EXIT_MISSING. */
int ddekit__program_may_launch(void);

/* offers.c */
/** `driver --offers`, as such a program: prints what the driver offers; the exit code. */
int ddekit__program_offers(void);

#endif
