/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BARs of a device of this machine, where Linux put them: registers are loads and stores of a mapping at that address. By system
 * calls: BARs that do not begin at a page of their own, and what a back end keeps from being mapped. Called by the runner.
 */
#ifndef DDEKIT_DEVICE_BARS_H
#define DDEKIT_DEVICE_BARS_H

#include <stdint.h>

#define BARS 6

struct bar_region {
	int fd; /* what is mapped, read and written */
	uint64_t offset, size; /* in it; size 0: there is no such BAR */
	int can_map;
	unsigned int port; /* of this machine, for in and out; 0: by calls */
	uint64_t hole, hole_end; /* pages that are not mapped */
};

/** @config: reads the config space as Linux sees it. */
void ddekit__bars_init(const struct bar_region regions[BARS], unsigned int (*config)(unsigned int reg, unsigned int size));
/** Reads where the BARs are, and maps them there. @on: the device answers to memory accesses. */
void ddekit__bars_update(int on);
uint64_t ddekit__bar_read(unsigned long addr, unsigned int size);
void ddekit__bar_write(unsigned long addr, unsigned int size, uint64_t v);
unsigned int ddekit__bar_in(unsigned int port, unsigned int size);
void ddekit__bar_out(unsigned int port, unsigned int size, unsigned int v);
#endif
