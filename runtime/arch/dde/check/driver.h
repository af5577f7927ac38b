/* SPDX-License-Identifier: GPL-2.0-only */
/* The code of the driver under test; see driver.c. */
#ifndef ARCH_DDE_DRIVER_H
#define ARCH_DDE_DRIVER_H
#include <linux/types.h>

/** True for an address in the code of the driver under test. */
bool dde_in_driver(unsigned long pc);
/** The innermost place in the driver that the running thread came from, a return address; 0 if there is none. */
u32 dde_driver_caller(void);
/** The same from a frame pointer on. */
u32 dde_driver_caller_from(unsigned long frame);
/** Function, file and line of a return address, for reports at the end; the text may change at the next call. */
const char *dde_driver_place(u32 pc);
#endif
