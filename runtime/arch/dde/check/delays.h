/* SPDX-License-Identifier: GPL-2.0-only */
/* Busy waits of the driver where nothing else can run. Recorded runs only. */
#ifndef ARCH_DDE_DELAYS_H
#define ARCH_DDE_DELAYS_H
#include <linux/types.h>

/** The driver is about to wait at @caller for the time that @function makes of @argument, in the atomic context @context. */
void dde_delay(unsigned long function, unsigned long argument, u32 context, u32 caller);
#endif
