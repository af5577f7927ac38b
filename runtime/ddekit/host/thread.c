// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host threads behind kernel threads, and the hand-off of the virtual CPU.
 * A hand-off is: store `go` of the next thread (release), futex-wake it, futex-wait on one's own `go`. Only the runner touches
 * kernel state, so nothing else needs a lock; the list of threads has one for the watchdog and the crash report.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ddet/ddetrace.h>
#include "host/internal.h"

__thread struct ddekit_thread *ddekit__self;
struct ddekit_thread *volatile ddekit__runner;
struct ddekit_cpu ddekit_cpu;

static struct ddekit_thread *boot, *threads;
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;

/* start_kernel() runs on this one; Linux thinks of it as init_task. */
static char boot_stack[256 * 1024] __attribute__((aligned(4096)));

static void futex_wait(atomic_int *word, int value)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(atomic_int *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void park(struct ddekit_thread *t)
{
	int one = 1;

	/* Pairs with the release store in hand_over(). */
	while (!atomic_compare_exchange_strong_explicit(&t->go, &one, 0, memory_order_acquire, memory_order_relaxed)) {
		futex_wait(&t->go, 0);
		one = 1;
	}
}

static void hand_over(struct ddekit_thread *next)
{
	ddekit__runner = next;
	ddet_switch(next->trace);
	atomic_store_explicit(&next->go, 1, memory_order_release);
	futex_wake(&next->go);
}

static void host_name(struct ddekit_thread *t)
{
	if (!t->host_tid || !strncmp(t->host_name, t->name, 15))
		return;
	snprintf(t->host_name, sizeof(t->host_name), "%.15s", t->name);
	pthread_setname_np(t->pthread, t->host_name);
}

static void *thread_main(void *arg)
{
	struct ddekit_thread *t = arg;

	ddekit__self = t;
	t->host_tid = syscall(SYS_gettid);
	ddekit__thread_signals(t);
	if (!setjmp(t->end)) {
		park(t);
		if (!t->dying) {
			host_name(t);
			t->fn(t->arg);
		}
	}
	return NULL;
}

struct ddekit_thread *ddekit_thread_create(const char *name, int tid, void (*fn)(void *), void *arg, void *stack,
					   unsigned long stack_size)
{
	struct ddekit_thread *t;
	pthread_attr_t attr;
	int err;

	ddekit__enter();
	t = calloc(1, sizeof(*t));
	if (!t)
		goto out;
	snprintf(t->name, sizeof(t->name), "%s", name);
	t->tid = tid;
	t->fn = fn;
	t->arg = arg;
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, stack_size);
	err = pthread_create(&t->pthread, &attr, thread_main, t);
	pthread_attr_destroy(&attr);
	if (err) {
		ddekit__say("cannot create a host thread for '%s': %s", name, strerror(err));
		free(t);
		t = NULL;
		goto out;
	}
	t->trace = ddet_thread_new(name, 0, tid);
	pthread_mutex_lock(&list_lock);
	t->next = threads;
	threads = t;
	pthread_mutex_unlock(&list_lock);
out:
	ddekit__leave();
	return t;
}

void ddekit_thread_switch(struct ddekit_thread *prev, struct ddekit_thread *next, int prev_dead)
{
	ddekit_cpu.yields++;
	prev->frame = (unsigned long)__builtin_frame_address(0);
	hand_over(next);
	if (prev_dead)
		longjmp(prev->end, 1);
	park(prev);
}

void ddekit_thread_destroy(struct ddekit_thread *t)
{
	struct ddekit_thread **p;

	ddekit__enter();
	t->dying = 1;
	atomic_store_explicit(&t->go, 1, memory_order_release);
	futex_wake(&t->go);
	pthread_join(t->pthread, NULL);
	pthread_mutex_lock(&list_lock);
	for (p = &threads; *p; p = &(*p)->next) {
		if (*p == t) {
			*p = t->next;
			break;
		}
	}
	pthread_mutex_unlock(&list_lock);
	ddet_thread_exit(t->trace);
	free(t->altstack);
	free(t);
	ddekit__leave();
}

/* Linux names its threads by what they do; viewers order and colour threads by it. */
static int role_of(const struct ddekit_thread *t)
{
	static const struct {
		const char *prefix;
		int role;
	} roles[] = {
		{ "ksoftirqd/", DDET_ROLE_SOFTIRQ },
		{ "irq/", DDET_ROLE_IRQ },
		{ "kworker/", DDET_ROLE_WORK },
		{ "workload", DDET_ROLE_WORKLOAD },
	};
	unsigned int i;

	if (t == boot)
		return DDET_ROLE_IDLE;
	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (!strncmp(t->name, roles[i].prefix, strlen(roles[i].prefix)))
			return roles[i].role;
	return DDET_ROLE_KTHREAD;
}

void ddekit_thread_rename(struct ddekit_thread *t, const char *name, int tid)
{
	if (t->tid == tid && !strcmp(t->name, name))
		return;
	snprintf(t->name, sizeof(t->name), "%s", name);
	t->tid = tid;
	ddet_thread_rename(t->trace, name);
	ddet_thread_set_tid(t->trace, tid);
	ddet_thread_set_role(t->trace, role_of(t));
	host_name(t);
}

unsigned long ddekit_thread_frame(struct ddekit_thread *t)
{
	return t->frame;
}

struct ddekit_thread *ddekit_thread_boot(void)
{
	return boot;
}

void ddekit_thread_each(void (*fn)(const char *, int, unsigned long, void *), void *arg)
{
	struct ddekit_thread *t;

	if (pthread_mutex_trylock(&list_lock))
		return;
	for (t = threads; t; t = t->next)
		fn(t->name, t->tid, t == ddekit__runner ? 0 : t->frame, arg);
	pthread_mutex_unlock(&list_lock);
}

static void boot_main(void *arg)
{
	cpu_set_t one;

	(void)arg;
	/*
	 * Only one of the threads runs at a time. On two cores each hand-off would wake the other, idle one, which costs more
	 * than the switch; all later threads inherit this mask from their creator.
	 */
	if (ddekit__options.pin) {
		CPU_ZERO(&one);
		CPU_SET(sched_getcpu(), &one);
		sched_setaffinity(0, sizeof(one), &one);
	}
	start_kernel();
}

void ddekit__thread_run_boot(void)
{
	boot = ddekit_thread_create("swapper", 0, boot_main, NULL, boot_stack, sizeof(boot_stack));
	if (!boot)
		ddekit__die(DDEKIT_EXIT_IO, "no host thread to boot on");
	ddet_thread_set_role(boot->trace, role_of(boot));
	hand_over(boot);
}
