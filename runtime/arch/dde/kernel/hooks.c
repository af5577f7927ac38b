// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for nothing in arch/: events that no tracepoint of Linux gives. Calls of the functions below from other objects come
 * here first (hooks.txt, ld --wrap); __real_NAME is the kernel's own function. Calls inside the function's own file do not.
 */
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <ddekit/time.h>

#include "trace.h"

void __real___napi_schedule(struct napi_struct *n);
void __wrap___napi_schedule(struct napi_struct *n);
void __wrap___napi_schedule(struct napi_struct *n)
{
	ddet_napi_schedule(P(n), DDET_CALLER());
	__real___napi_schedule(n);
}

void __real___napi_schedule_irqoff(struct napi_struct *n);
void __wrap___napi_schedule_irqoff(struct napi_struct *n);
void __wrap___napi_schedule_irqoff(struct napi_struct *n)
{
	ddet_napi_schedule(P(n), DDET_CALLER());
	__real___napi_schedule_irqoff(n);
}

bool __real_napi_complete_done(struct napi_struct *n, int work_done);
bool __wrap_napi_complete_done(struct napi_struct *n, int work_done);
bool __wrap_napi_complete_done(struct napi_struct *n, int work_done)
{
	/* Afterwards the memory may be another's, and a missed interrupt has already scheduled it again. */
	bool done = __real_napi_complete_done(n, work_done);

	ddet_napi_complete(P(n), work_done, !done);
	return done;
}

int dde_printk_level = CONSOLE_LOGLEVEL_DEFAULT;

int __real_vprintk_emit(int facility, int level, const struct dev_printk_info *dev_info, const char *fmt, va_list args);
int __wrap_vprintk_emit(int facility, int level, const struct dev_printk_info *dev_info, const char *fmt, va_list args);
int __wrap_vprintk_emit(int facility, int level, const struct dev_printk_info *dev_info, const char *fmt, va_list args)
{
	dde_printk_level = level >= 0 ? level : MESSAGE_LOGLEVEL_DEFAULT;
	return __real_vprintk_emit(facility, level, dev_info, fmt, args);
}

/* The body is that of _printk() itself: a variadic call cannot be handed on. */
asmlinkage __printf(1, 2) int __wrap__printk(const char *fmt, ...);
asmlinkage __printf(1, 2) int __wrap__printk(const char *fmt, ...)
{
	int level = printk_get_level(fmt);
	va_list args;
	int n;

	dde_printk_level = level >= '0' && level <= '7' ? level - '0' : MESSAGE_LOGLEVEL_DEFAULT;
	va_start(args, fmt);
	n = vprintk(fmt, args);
	va_end(args);
	return n;
}

#ifndef CONFIG_DEBUG_LOCK_ALLOC
/* Mutexes that are held or waited for. When all places are taken the next ones go unmeasured. */
static struct held {
	const struct mutex *lock;
	const struct task_struct *task;
	u64 since; /* TSC; 0: waited for */
	u64 since_ns;
	u32 caller;
} held[32];

/* A lock held for less is no news. */
#define HELD_LONG_NS 10000

static struct held *find(const struct mutex *lock, const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(held); i++)
		if (held[i].lock == lock && (!task || held[i].task == task))
			return &held[i];
	return NULL;
}

u32 dde_lock_caller(const void *lock)
{
	struct held *h = find(lock, current);

	return h ? h->caller : 0;
}

static struct held *wait_for(const struct mutex *lock, u32 caller)
{
	struct held *h;

	if (likely(!(ddet_categories & DDET_CAT_LOCK)))
		return NULL;
	h = find(NULL, NULL);
	if (h)
		*h = (struct held){ .lock = lock, .task = current, .caller = caller };
	return h;
}

static void got(struct held *h)
{
	if (!h)
		return;
	h->since = ddet_tsc();
	h->since_ns = ddekit_time_ns();
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

void __real_mutex_lock(struct mutex *lock);
void __wrap_mutex_lock(struct mutex *lock);
void __wrap_mutex_lock(struct mutex *lock)
{
	struct held *h = wait_for(lock, DDET_CALLER());

	__real_mutex_lock(lock);
	got(h);
}

#define MUTEX_LOCK_THAT_FAILS(name)                             \
	int __real_##name(struct mutex *lock);                  \
	int __wrap_##name(struct mutex *lock);                  \
	int __wrap_##name(struct mutex *lock)                   \
	{                                                       \
		struct held *h = wait_for(lock, DDET_CALLER()); \
		int err = __real_##name(lock);                  \
								\
		if (err)                                        \
			gave_up(h);                             \
		else                                            \
			got(h);                                 \
		return err;                                     \
	}
MUTEX_LOCK_THAT_FAILS(mutex_lock_interruptible)
MUTEX_LOCK_THAT_FAILS(mutex_lock_killable)

int __real_mutex_trylock(struct mutex *lock);
int __wrap_mutex_trylock(struct mutex *lock);
int __wrap_mutex_trylock(struct mutex *lock)
{
	u32 caller = DDET_CALLER();
	int locked = __real_mutex_trylock(lock);

	if (locked)
		got(wait_for(lock, caller));
	return locked;
}

void __real_mutex_unlock(struct mutex *lock);
void __wrap_mutex_unlock(struct mutex *lock);
void __wrap_mutex_unlock(struct mutex *lock)
{
	struct held *h = any_held() ? find(lock, current) : NULL;

	if (h && h->since) {
		h->lock = NULL;
		if (ddekit_time_ns() - h->since_ns >= HELD_LONG_NS)
			ddet_lock_held(P(lock), h->caller, ddet_tsc() - h->since);
	}
	__real_mutex_unlock(lock);
}
#else
/* lockdep's mutexes are other functions, and its own reports name the holder. */
u32 dde_lock_caller(const void *lock)
{
	return 0;
}
#endif
