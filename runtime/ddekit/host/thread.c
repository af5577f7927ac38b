// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host threads behind kernel threads, and the hand-off of the virtual CPU.
 * A hand-off is: store `go` of the next thread (release), futex-wake it, futex-wait on one's own `go`. Only the runner touches
 * kernel state and struct ddekit_thread, so nothing needs a lock; what other threads want to know of the runner is its thread id.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include <ddekit/host.h>
#include <ddet/ddetrace.h>
#include "host/cpu.h"
#include "host/log.h"
#include "host/options.h"
#include "host/thread.h"

/* Signal handlers of faults run on a stack of their own: the thread's may be what is at fault. */
#define ALTSTACK (64 * 1024)
#define GUARD 4096

struct ddekit_thread {
	pthread_t pthread;
	atomic_int go;       /* futex: 1 = the virtual CPU is yours */
	int dying;
	pid_t host_tid;
	int tid;             /* Linux's pid */
	char name[32];
	char host_name[16];
	void (*fn)(void *);
	void *arg;
	unsigned long frame; /* frame pointer while parked */
	jmp_buf end;         /* way out of a dead thread */
	struct ddet_thread *trace;
	void *altstack;
	void *stack;
	int guarded; /* nobody may touch the lowest page of the stack; Linux's mark at its end is in it */
};

__thread struct ddekit_thread *ddekit__self;
struct ddekit_thread *volatile ddekit__runner;
struct ddekit_cpu ddekit_cpu;
atomic_int ddekit__idling;

static struct ddekit_thread *boot;
static atomic_int runner_tid;

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
	atomic_store_explicit(&runner_tid, next->host_tid, memory_order_relaxed);
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

static void make_altstack(struct ddekit_thread *t)
{
	stack_t ss = { .ss_size = ALTSTACK };

	t->altstack = malloc(ALTSTACK);
	ss.ss_sp = t->altstack;
	if (t->altstack)
		sigaltstack(&ss, NULL);
}

/*
 * What runs over its stack must not get to what lies below: that is somebody else's memory. Not before the thread runs: Linux frees the
 * stack of one whose creation failed without a word.
 */
static void close_guard(struct ddekit_thread *t)
{
	if (!mprotect(t->stack, GUARD, PROT_NONE))
		t->guarded = 1;
}

static void open_guard(struct ddekit_thread *t)
{
	if (t->guarded)
		mprotect(t->stack, GUARD, PROT_READ | PROT_WRITE);
}

static void *thread_main(void *arg)
{
	struct ddekit_thread *t = arg;

	ddekit__self = t;
	t->host_tid = syscall(SYS_gettid);
	make_altstack(t);
	if (!setjmp(t->end)) {
		park(t);
		if (!t->dying) {
			/* It was not yet known to who handed over. */
			atomic_store_explicit(&runner_tid, t->host_tid, memory_order_relaxed);
			host_name(t);
			close_guard(t);
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
	t->stack = stack;
	err = pthread_create(&t->pthread, &attr, thread_main, t);
	pthread_attr_destroy(&attr);
	if (err) {
		ddekit__say("cannot create a host thread for '%s': %s", name, strerror(err));
		free(t);
		t = NULL;
		goto out;
	}
	t->trace = ddet_thread_new(name, 0, tid);
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
	ddekit__enter();
	t->dying = 1;
	atomic_store_explicit(&t->go, 1, memory_order_release);
	futex_wake(&t->go);
	pthread_join(t->pthread, NULL);
	ddet_thread_exit(t->trace);
	open_guard(t);
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

const char *ddekit__thread_name(void)
{
	return ddekit__self ? ddekit__self->name : "host";
}

int ddekit__runner_tid(void)
{
	return atomic_load_explicit(&runner_tid, memory_order_relaxed);
}

int ddekit__runner_signal(int sig)
{
	int tid = ddekit__runner_tid();

	return tid && !syscall(SYS_tgkill, getpid(), tid, sig);
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
