/* SPDX-License-Identifier: GPL-2.0-only */
/* Ends a process whose virtual CPU is held by one thread for too long. */
#ifndef DDEKIT_END_WATCHDOG_H
#define DDEKIT_END_WATCHDOG_H

/** @seconds: of a runner that does not yield; 0: no watchdog. */
void ddekit__watchdog_start(int seconds);

#endif
