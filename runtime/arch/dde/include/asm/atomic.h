/* SPDX-License-Identifier: GPL-2.0-only */
/* The real x86 operations; LOCK_PREFIX is empty on one virtual CPU. */
#ifndef _ASM_DDE_ATOMIC_H
#define _ASM_DDE_ATOMIC_H
#include "../../../x86/include/asm/atomic.h"
#endif
