/* SPDX-License-Identifier: GPL-2.0-only */
/* QEMU's qtest protocol on one socket: every command gets one OK in order, `IRQ raise N` lines come in between. */
#ifndef DDEKIT_QTEST_H
#define DDEKIT_QTEST_H
#include <stdint.h>

void qtest_open(int fd);
/** cmd is "readl", "inw" ...; waits for the reply, so for all posted writes before it. */
uint64_t qtest_read(const char *cmd, unsigned long addr);
/** Posted: returns at once unless wait is set. */
void qtest_write(const char *cmd, unsigned long addr, uint64_t value, int wait);
void qtest_command(const char *line);
/** From now on what QEMU says by itself (interrupt lines) is taken as it comes. */
void qtest_watch(void);
extern uint64_t qtest_posted;
#endif
