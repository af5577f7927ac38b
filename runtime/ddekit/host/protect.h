/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults of pages that ddekit_protect() has taken away. */
#ifndef DDEKIT_HOST_PROTECT_H
#define DDEKIT_HOST_PROTECT_H

/** For the handler of SIGSEGV, with its arguments: 1 when it was such a page, and the interrupted code may go on. */
int ddekit__protect_fault(void *siginfo, void *ctx);

#endif
