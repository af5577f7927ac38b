/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Host threads behind kernel threads. Exactly one of them holds the virtual CPU; ddekit_thread_switch() hands it over.
 * All functions are called by the holder of the virtual CPU.
 */
#ifndef DDEKIT_THREAD_H
#define DDEKIT_THREAD_H

struct ddekit_thread;

/** A parked host thread that runs fn(arg) on the given stack when first switched to. Returns 0 when out of resources. */
struct ddekit_thread *ddekit_thread_create(const char *name, int tid, void (*fn)(void *), void *arg, void *stack,
					   unsigned long stack_size);
/** Hand the virtual CPU to next and park until it is handed back. prev is the caller; with prev_dead it ends instead. */
void ddekit_thread_switch(struct ddekit_thread *prev, struct ddekit_thread *next, int prev_dead);
/** Wait for a dead thread, or end a parked one that never ran; returns when its stack is no longer used. */
void ddekit_thread_destroy(struct ddekit_thread *t);
/** The name that gdb, top and the trace show (15 characters are kept for the host) and Linux's pid; cheap when unchanged. */
void ddekit_thread_rename(struct ddekit_thread *t, const char *name, int tid);
/** Saved frame pointer of a parked thread, for ddekit_backtrace(). */
unsigned long ddekit_thread_frame(struct ddekit_thread *t);
/** The thread that entered the kernel first. */
struct ddekit_thread *ddekit_thread_boot(void);

#endif
