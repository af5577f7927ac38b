/* SPDX-License-Identifier: GPL-2.0-only */
/* The virtual CPU as DDEKit's files use it: what marks code that a signal handler must not run kernel code on top of. */
#ifndef DDEKIT_HOST_CPU_H
#define DDEKIT_HOST_CPU_H

#include <stdatomic.h>

#include <ddekit/cpu.h>

/* Set while the virtual CPU waits for an event; any thread reads it. */
extern atomic_int ddekit__idling;

static inline void ddekit__enter(void)
{
	ddekit_cpu.in_host++;
	atomic_signal_fence(memory_order_seq_cst);
}

static inline void ddekit__leave(void)
{
	atomic_signal_fence(memory_order_seq_cst);
	ddekit_cpu.in_host--;
}

#endif
