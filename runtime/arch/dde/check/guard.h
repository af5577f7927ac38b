/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls of the driver that pass a guard (guard.c). */
#ifndef ARCH_DDE_GUARD_H
#define ARCH_DDE_GUARD_H
#include <linux/types.h>

/* In the order in which entry.S pushes them, the last first. */
struct dde_guard_regs {
	unsigned long r9, r8, rcx, rdx, rsi, rdi, rax, function;
};

/** Non-zero while the category `check` is recorded: the thunks test it. */
extern u8 dde_guards_on;
/**
 * Called by entry.S, before and, where it gives something, after the call. @slot: where the return address into the driver stands. The
 * first may change arguments and function, and returns true when the call (of a void function) must not be made.
 */
bool dde_guard_check(u64 what, struct dde_guard_regs *r, const unsigned long *slot);
void dde_guard_gave(u64 what, const struct dde_guard_regs *r, const unsigned long *slot);
#endif
