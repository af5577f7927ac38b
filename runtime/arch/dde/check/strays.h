/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses that a device was given and that are no memory of its bus. */
#ifndef ARCH_DDE_STRAYS_H
#define ARCH_DDE_STRAYS_H
#include <linux/compiler.h>
#include <linux/types.h>
#include <ddet/ddetrace.h>

void dde_stray_written(u64 value, u32 caller);
/** The device went astray: tells of it. Interrupt context. */
void dde_strays_tell(void);

/** A value goes to a register: remembered if it looks like a pointer, as that is where a wrong address comes from. */
static __always_inline void dde_stray_watch(u64 value, u32 caller)
{
	if (unlikely(ddet_categories & DDET_CAT_CHECK))
		dde_stray_written(value, caller);
}
#endif
