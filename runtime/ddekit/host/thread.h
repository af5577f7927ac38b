/* SPDX-License-Identifier: GPL-2.0-only */
/* Host threads of the virtual CPU, as the other files of DDEKit see them. */
#ifndef DDEKIT_HOST_THREAD_H
#define DDEKIT_HOST_THREAD_H

#include <ddekit/thread.h>

extern __thread struct ddekit_thread *ddekit__self;
/* The holder of the virtual CPU; another thread may only compare it. */
extern struct ddekit_thread *volatile ddekit__runner;

/** Name of the running thread, "host" for one that is none of the kernel's. Any signal handler. */
const char *ddekit__thread_name(void);
/** The runner's thread id on the host, 0 while it has not started. Any thread: the thread itself may end meanwhile. */
int ddekit__runner_tid(void);
/** Sends the runner a signal; 0 when there is none yet. */
int ddekit__runner_signal(int sig);
/** Starts start_kernel() on a thread of its own. */
void ddekit__thread_run_boot(void);

#endif
