/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_DDE_PACKETS_H
#define ARCH_DDE_PACKETS_H

/* Begin and end to record packets; 0 or a negative errno. May sleep. */
int dde_packets_on(void);
int dde_packets_off(void);
#endif
