/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bus mastering of a device of this machine. It may still have the rings of who drove it before, perhaps of a process that was killed: some
 * know no reset, others say that they were reset and were not (QEMU's, by power management). Drivers make a device bus master first and reset
 * it then. So it is bus master only from the first memory on that it is given, which is when a driver sets it up anew. Called by the runner.
 */
#ifndef DDEKIT_DEVICE_MASTER_H
#define DDEKIT_DEVICE_MASTER_H

/** @set: switches it in the device. */
void ddekit__master_init(void (*set)(int on));
/** What the driver wrote into the command register, and would read there. */
void ddekit__master_want(int on);
int ddekit__master_wanted(void);
/** The device was given memory. */
void ddekit__master_given(void);
#endif
