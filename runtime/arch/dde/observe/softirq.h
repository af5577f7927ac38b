/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_DDE_SOFTIRQ_H
#define ARCH_DDE_SOFTIRQ_H
#include <linux/types.h>

/** NULL, or says that a raise is to be lost and so is no event (cases/). */
extern bool (*dde_softirq_lost)(unsigned int vec);
#endif
