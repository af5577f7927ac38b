/* SPDX-License-Identifier: GPL-2.0-only */
/* The order in which the driver takes locks that can sleep. Recorded runs only. */
#ifndef ARCH_DDE_ORDER_H
#define ARCH_DDE_ORDER_H

/** A lock is initialised: what stood there before was another. */
void dde_order_forget(unsigned long lock);
#endif
