/* SPDX-License-Identifier: GPL-2.0-only */
/* The real x86 operations; LOCK_PREFIX is empty on one virtual CPU. */
#ifndef _ASM_DDE_CMPXCHG_H
#define _ASM_DDE_CMPXCHG_H
#include <asm/asm.h>
#include "../../../x86/include/asm/cmpxchg.h"
/* The baseline has none, and there is no asking at run time in what SLUB compiles in. */
#undef system_has_cmpxchg_double
#define system_has_cmpxchg_double() 0
#endif
