/* SPDX-License-Identifier: GPL-2.0-only */
/* Switches of the case studies: false unless the command line asks (dde.case=NAME). Set before there is a second thread. */
#ifndef ARCH_DDE_CASE_H
#define ARCH_DDE_CASE_H
#include <linux/types.h>

extern bool dde_case_lost_softirq, dde_case_linear_v2p;
/** Walks the list of live mappings for an address; returns the cost in TSC ticks. */
u32 dde_case_walk(phys_addr_t phys);
/** True for a raise of this softirq that the case study loses. */
bool dde_case_drops(unsigned int vec);
#endif
