/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user asks for while the process runs. */
#ifndef DDEKIT_EVENT_CONTROL_H
#define DDEKIT_EVENT_CONTROL_H

/** Lines of this stream socket are what ddekit_control_line() gives, and DDEKIT_IRQ_CONTROL tells of them. */
void ddekit__control_open(int fd);
/** An orderly shutdown is asked for; @code is the exit code to use. Any signal handler. */
void ddekit__request_stop(int code);
/**
 * The parent's word on a process that crashed: `end`, or `hold`, which keeps it until `end` or until the parent is gone. Without a word
 * of it the process ends by itself soon. Any signal handler.
 */
void ddekit__control_hold(void);

#endif
