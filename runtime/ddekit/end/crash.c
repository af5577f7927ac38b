// SPDX-License-Identifier: GPL-2.0-only
/* Faults, stop requests, the watchdog, and the end of the process. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <ddet/ddetrace.h>
#include "host/internal.h"

#define ALTSTACK (64 * 1024)

static atomic_int exiting;

static const char *thread_name(void)
{
	return ddekit__self ? ddekit__self->name : "host";
}

static void on_fault(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;
	unsigned long ip = uc->uc_mcontext.gregs[REG_RIP], bp = uc->uc_mcontext.gregs[REG_RBP];
	char json[256];

	if (sig == SIGSEGV && ddekit__own_fault(si, ctx))
		return;
	if (atomic_exchange(&exiting, 1))
		_exit(DDEKIT_EXIT_CRASH);
	ddekit__say("the driver process got %s (%s) at address %p, in thread '%s'", strsignal(sig), sig == SIGABRT ? "abort" : "fault",
		    si->si_addr, thread_name());
	/* A call of a null pointer has no frame of its own yet: the return address on the stack names the caller. */
	if (ip < 4096)
		ip = *(unsigned long *)uc->uc_mcontext.gregs[REG_RSP] - 1;
	/* A fault in the tracer itself must not be told to it. */
	if (ddekit__self && ddekit__self == ddekit__runner && !ddet_busy)
		ddet_mark(DDET_MARK_OOPS, strsignal(sig), strlen(strsignal(sig)));
	ddekit_backtrace(bp, ip);
	snprintf(json, sizeof(json), "{\"type\":\"crash\",\"reason\":\"%s\",\"address\":\"%p\",\"thread\":\"%.20s\"}", strsignal(sig),
		 si->si_addr, thread_name());
	ddekit_result(json);
	atomic_store(&exiting, 0);
	ddekit_exit(DDEKIT_EXIT_CRASH);
}

static void on_stop(int sig)
{
	static volatile int count;

	(void)sig;
	if (++count > 1)
		ddekit_exit(DDEKIT_EXIT_INTERRUPTED);
	ddekit__request_stop(DDEKIT_EXIT_INTERRUPTED);
}

/* The watchdog's question to the runner: where are you? */
static void on_watchdog(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	(void)sig;
	(void)si;
	ddekit__say("watchdog: thread '%s' has held the virtual CPU for %d s without yielding; its stack:", thread_name(),
		    ddekit__options.watchdog);
	ddekit_backtrace(uc->uc_mcontext.gregs[REG_RBP], uc->uc_mcontext.gregs[REG_RIP]);
	ddekit_result("{\"type\":\"crash\",\"reason\":\"watchdog\"}");
	ddekit_exit(DDEKIT_EXIT_WATCHDOG);
}

void ddekit__thread_signals(struct ddekit_thread *t)
{
	stack_t ss = { .ss_size = ALTSTACK };

	t->altstack = malloc(ALTSTACK);
	ss.ss_sp = t->altstack;
	if (t->altstack)
		sigaltstack(&ss, NULL);
}

void ddekit__signals_init(void)
{
	struct sigaction fault = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	struct sigaction stop = { .sa_handler = on_stop, .sa_flags = SA_RESTART };
	struct sigaction dog = { .sa_sigaction = on_watchdog, .sa_flags = SA_SIGINFO };
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	unsigned int i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigaction(faults[i], &fault, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGUSR2, &dog, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void *watchdog_main(void *arg)
{
	unsigned long last = ~0UL;
	int still = 0;

	(void)arg;
	pthread_setname_np(pthread_self(), "dde-watchdog");
	for (;;) {
		struct timespec second = { .tv_sec = 1 };

		/* Counted in wake-ups of this thread, so a stop in a debugger does not count. */
		nanosleep(&second, NULL);
		if (ddekit__idling() || ddekit_cpu.yields != last) {
			last = ddekit_cpu.yields;
			still = 0;
			continue;
		}
		if (++still >= ddekit__options.watchdog && ddekit__runner && ddekit__runner->host_tid) {
			syscall(SYS_tgkill, getpid(), ddekit__runner->host_tid, SIGUSR2);
			still = 0;
		}
	}
	return NULL;
}

void ddekit__watchdog_start(void)
{
	pthread_t t;
	sigset_t all, old;

	if (!ddekit__options.watchdog)
		return;
	/* The runner's signals are none of the watchdog's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&t, NULL, watchdog_main, NULL))
		ddekit__say("no watchdog: %s", strerror(errno));
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void ddekit_exit(int code)
{
	char json[64];

	ddekit_cpu.in_host++;
	if (atomic_exchange(&exiting, 1)) {
		for (;;)
			pause(); /* another thread is ending the process */
	}
	ddekit__time_stop();
	if (code < 0)
		code = 0;
	snprintf(json, sizeof(json), "{\"type\":\"exit\",\"code\":%d}", code);
	ddekit_result(json);
	if (ddekit__device)
		ddekit__device->stop();
	_exit(code);
}
