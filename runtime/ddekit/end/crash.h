/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults of the driver process: told with their stack, then the end. */
#ifndef DDEKIT_END_CRASH_H
#define DDEKIT_END_CRASH_H

void ddekit__crash_init(void);
/** Of the thread that holds the virtual CPU for too long, where a signal met it; @context: the handler's third argument. */
void ddekit__crash_stuck(const void *context, int seconds);

#endif
