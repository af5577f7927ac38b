/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of the host side, and the result channel. A leaf: needs nothing of DDEKit. */
#ifndef DDEKIT_HOST_LOG_H
#define DDEKIT_HOST_LOG_H

/** printf to stderr with the program's name. Any thread, any signal handler. */
void ddekit__say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/** The same, then the end of the process with an exit code (ddekit/exit_codes.h). */
void ddekit__die(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3), noreturn));
/** Where ddekit_result() writes to; none before this. */
void ddekit__log_results(int fd);
/** How a process that dies ends: end/exit.c sets it; before that it is _exit(). */
extern void (*ddekit__end)(int code);

#endif
