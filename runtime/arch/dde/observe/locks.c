// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for nothing in arch/: locks that can sleep and are held for long. Calls of the functions below from other objects come
 * here first (tables/hooks.txt, ld --wrap); __real_NAME is the kernel's own function. That a lock is waited for, Linux's tracepoints tell.
 * Spinlocks are no code at all on a kernel with one CPU.
 */
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/semaphore.h>
#include <trace/events/lock.h>
#include <ddekit/time.h>

#include "frames.h"
#include "locks.h"
#include "probes.h"
#include "trace.h"

/* Locks that are held or waited for. When all places are taken the next ones go unmeasured. */
static struct held {
	const void *lock;
	const struct task_struct *task;
	u64 since; /* TSC; 0: waited for */
	u64 since_ns;
	u32 caller;
	bool anybodys; /* a semaphore: whoever gives it back need not be who took it */
} held[32];

/* A lock held for less is no news. */
#define HELD_LONG_NS 10000

/* For semaphores, and for free places. */
#define ANYBODY NULL
#define ANYBODYS(lock) __same_type(lock, struct semaphore *)

static struct held *find(const void *lock, const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(held); i++)
		if (held[i].lock == lock && (task == ANYBODY || held[i].task == task))
			return &held[i];
	return NULL;
}

static struct held *find_held(const void *lock, const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(held); i++)
		if (held[i].lock == lock && held[i].since && (task == ANYBODY || held[i].task == task))
			return &held[i];
	return NULL;
}

/* Who asked for @lock, while it is waited for; 0: a lock that has no hook here. */
static u32 asked_by(const void *lock)
{
	struct held *h = find(lock, current);

	return h ? h->caller : 0;
}

void (*dde_on_lock_order)(const void *held, u32 held_at, const void *lock, u32 at);

/* It takes a lock and will wait for it: with which ones in its hands? What holds no lock is the rule. */
static void look_at_order(const void *lock, u32 caller)
{
	unsigned int i;

	if (!dde_on_lock_order)
		return;
	for (i = 0; i < ARRAY_SIZE(held); i++)
		if (held[i].lock && held[i].since && held[i].task == current && !held[i].anybodys)
			dde_on_lock_order(held[i].lock, held[i].caller, lock, caller);
}

static struct held *wait_for(const void *lock, u32 caller, bool anybodys)
{
	unsigned long flags;
	struct held *h;

	if (likely(!(ddet_categories & DDET_CAT_LOCK)))
		return NULL;
	/* An interrupt handler may give a semaphore, or try to take one. */
	local_irq_save(flags);
	h = find(NULL, ANYBODY);
	if (h)
		*h = (struct held){ .lock = lock, .task = current, .caller = caller, .anybodys = anybodys };
	local_irq_restore(flags);
	return h;
}

static void got(struct held *h)
{
	if (!h)
		return;
	h->since_ns = ddekit_time_ns();
	h->since = ddet_tsc();
}

static void gave_up(struct held *h)
{
	if (h)
		h->lock = NULL;
}

static bool any_held(void)
{
	static unsigned int was;

	/* What was locked while nobody recorded is not here, and what is here is forgotten with the recording. */
	if (was != (ddet_categories & DDET_CAT_LOCK)) {
		was = ddet_categories & DDET_CAT_LOCK;
		if (!was)
			memset(held, 0, sizeof(held));
	}
	return was;
}

static void gives(const void *lock, u32 kind)
{
	struct held *h;

	if (likely(!any_held()))
		return;
	h = find_held(lock, current);
	if (!h && kind == DDET_LOCK_KIND_SEMAPHORE)
		h = find_held(lock, ANYBODY);
	if (!h)
		return;
	h->lock = NULL;
	if (ddekit_time_ns() - h->since_ns >= HELD_LONG_NS)
		ddet_lock_held(P(lock), h->caller, kind, ddet_tsc() - h->since);
}

u32 dde_lock_left(bool (*whose)(unsigned long caller), const void **lock)
{
	unsigned long flags;
	u32 caller = 0;
	unsigned int i;

	if (likely(!any_held()))
		return 0;
	local_irq_save(flags);
	for (i = 0; i < ARRAY_SIZE(held) && !caller; i++) {
		struct held *h = &held[i];

		if (!h->lock || !h->since || h->task != current || h->anybodys || !whose(h->caller))
			continue;
		caller = h->caller;
		*lock = h->lock;
		h->lock = NULL;
	}
	local_irq_restore(flags);
	return caller;
}

/* Returns when it has the lock. */
#define TAKES(name, type)                                       \
	void __real_##name(type *lock);                         \
	void __wrap_##name(type *lock);                         \
	void __wrap_##name(type *lock)                          \
	{                                                       \
		struct held *h = wait_for(lock, DDET_CALLER(), ANYBODYS(lock)); \
								\
		if (h && !h->anybodys)                          \
			look_at_order(lock, h->caller);         \
		__real_##name(lock);                            \
		got(h);                                         \
	}

/* Returns 0 when it has the lock. */
#define MAY_FAIL(name, params, ...)                             \
	int __real_##name params;                               \
	int __wrap_##name params;                               \
	int __wrap_##name params                                \
	{                                                       \
		struct held *h = wait_for(lock, DDET_CALLER(), ANYBODYS(lock)); \
		int err;                                        \
								\
		if (h && !h->anybodys)                          \
			look_at_order(lock, h->caller);         \
		err = __real_##name(__VA_ARGS__);               \
		if (err)                                        \
			gave_up(h);                             \
		else                                            \
			got(h);                                 \
		return err;                                     \
	}

/* Does not wait. */
#define TRIES(name, type, success)                              \
	int __real_##name(type *lock);                          \
	int __wrap_##name(type *lock);                          \
	int __wrap_##name(type *lock)                           \
	{                                                       \
		u32 caller = DDET_CALLER();                     \
		int result = __real_##name(lock);               \
								\
		if (success)                                    \
			got(wait_for(lock, caller, ANYBODYS(lock)));            \
		return result;                                  \
	}

#define GIVES(name, type, kind)                                 \
	void __real_##name(type *lock);                         \
	void __wrap_##name(type *lock);                         \
	void __wrap_##name(type *lock)                          \
	{                                                       \
		gives(lock, kind);                              \
		__real_##name(lock);                            \
	}

/* lockdep's mutexes are other functions, and its own reports name the holder. */
#ifndef CONFIG_DEBUG_LOCK_ALLOC
TAKES(mutex_lock, struct mutex)
MAY_FAIL(mutex_lock_interruptible, (struct mutex *lock), lock)
MAY_FAIL(mutex_lock_killable, (struct mutex *lock), lock)
TRIES(mutex_trylock, struct mutex, result)
GIVES(mutex_unlock, struct mutex, DDET_LOCK_KIND_MUTEX)
#endif

TAKES(down, struct semaphore)
MAY_FAIL(down_interruptible, (struct semaphore *lock), lock)
MAY_FAIL(down_killable, (struct semaphore *lock), lock)
MAY_FAIL(down_timeout, (struct semaphore *lock, long jiffies), lock, jiffies)
TRIES(down_trylock, struct semaphore, !result)
GIVES(up, struct semaphore, DDET_LOCK_KIND_SEMAPHORE)

TAKES(down_read, struct rw_semaphore)
MAY_FAIL(down_read_interruptible, (struct rw_semaphore *lock), lock)
MAY_FAIL(down_read_killable, (struct rw_semaphore *lock), lock)
TRIES(down_read_trylock, struct rw_semaphore, result)
GIVES(up_read, struct rw_semaphore, DDET_LOCK_KIND_READ)
TAKES(down_write, struct rw_semaphore)
MAY_FAIL(down_write_killable, (struct rw_semaphore *lock), lock)
TRIES(down_write_trylock, struct rw_semaphore, result)
GIVES(up_write, struct rw_semaphore, DDET_LOCK_KIND_WRITE)

static void on_contention_begin(void *data, void *lock, unsigned int flags)
{
	u32 caller = asked_by(lock);

	ddet_contention_begin(P(lock), caller ? caller : dde_caller_up(3), flags);
}

static void on_contention_end(void *data, void *lock, int ret)
{
	ddet_contention_end(P(lock), ret);
}

#define EVENTS(X) \
	X(DDET_CAT_LOCK, contention_begin) \
	X(DDET_CAT_LOCK, contention_end)

DDE_PROBES(EVENTS);
