/* SPDX-License-Identifier: GPL-2.0-only */
/* Locks that can sleep: who holds one. See locks.c. */
#ifndef ARCH_DDE_LOCKS_H
#define ARCH_DDE_LOCKS_H
#include <linux/types.h>

/**
 * Called when a mutex or rwsem is waited for, at @at, once for each that its thread holds, taken at @held_at. May be NULL. Locks that are
 * recorded only.
 */
extern void (*dde_on_lock_order)(const void *held, u32 held_at, const void *lock, u32 at);
/**
 * Of the mutexes and rwsems that the running thread holds one that code of @whose took: where, and the lock. It is told once, and is not
 * known after that. 0: none, or locks are not recorded.
 */
u32 dde_lock_left(bool (*whose)(unsigned long caller), const void **lock);
#endif
