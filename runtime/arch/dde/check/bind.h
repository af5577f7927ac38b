/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_DDE_BIND_H
#define ARCH_DDE_BIND_H
#include <linux/types.h>

struct device;
/* Devices that a driver has, or that are being given to or taken from one: what a driver gets meanwhile is its own. */
extern unsigned int dde_bound;
/* Out-of-tree modules are started or running; what their inits got must go with their exits. */
extern bool dde_modules_act;
/* A module could not be removed: what its init got stays by right. */
extern bool dde_modules_stay;

/** What is registered now is the driver's to end. The init of a built-in driver has no exit here: what it does beside probing is not. */
bool dde_acting(void);
/** @dev is one of those that a driver had or has. */
bool dde_bind_has(const struct device *dev);
#endif
