/* SPDX-License-Identifier: GPL-2.0-only */
/* What all files that emit events use. */
#ifndef ARCH_DDE_TRACE_H
#define ARCH_DDE_TRACE_H

#include <ddet/ddetrace.h>

/* Every kernel address is below 4 GiB (ARCHITECTURE.md), so a trace keeps 32 bits of it. */
#define P(p) ((u32)(unsigned long)(p))
#endif
