/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DDEKIT_END_BACKTRACE_H
#define DDEKIT_END_BACKTRACE_H

/** Prints the stack of the running thread where a signal met it; @context: the handler's third argument. */
void ddekit__backtrace_at(const void *context);
#endif
