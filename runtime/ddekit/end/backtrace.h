/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DDEKIT_END_BACKTRACE_H
#define DDEKIT_END_BACKTRACE_H

/** The stack from a frame pointer on: return addresses, innermost first. Returns their number. */
int ddekit__stack(unsigned long frame, unsigned long *pcs, int max);
/** The same where a signal met the thread; @context: the handler's third argument. The first is the instruction itself. */
int ddekit__stack_at(const void *context, unsigned long *pcs, int max);
#endif
