/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_DDE_BIND_H
#define ARCH_DDE_BIND_H

/* Devices that a driver has, or that are being given to or taken from one: what a driver gets meanwhile is its own. */
extern unsigned int dde_bound;
#endif
