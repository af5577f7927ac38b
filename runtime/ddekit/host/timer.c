// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time and the one-shot timer: a POSIX timer whose SIGALRM reaches whatever thread; the handler passes it on to the runner and,
 * where delivery is allowed, delivers right there, so that a driver that spins on jiffies sees time pass.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <ddet/ddetrace.h>
#include "host/internal.h"

static timer_t timer;
static int timer_ok;
static volatile unsigned long long deadline; /* ns, 0 = none; written by the runner */

static unsigned long long clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

unsigned long long ddekit_time_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

unsigned long long ddekit_wallclock_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

unsigned long long ddekit_cpu_time_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static void arm(unsigned long long at)
{
	struct itimerspec its = { .it_value = { .tv_sec = at / 1000000000, .tv_nsec = at % 1000000000 } };

	timer_settime(timer, TIMER_ABSTIME, &its, NULL);
}

void ddekit_timer_set(unsigned long long at)
{
	deadline = at;
	if (timer_ok)
		arm(at);
}

static void on_alarm(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;
	struct ddekit_thread *runner = ddekit__runner;
	int saved = errno;
	unsigned long long now, at;

	(void)sig;
	(void)si;
	now = ddekit_time_ns();
	at = deadline;
	if (at && now >= at)
		ddekit_irq_raise(DDEKIT_IRQ_TIMER);
	if (ddekit__self != runner) {
		/* Not ours to deliver. A runner that has not started yet finds the interrupt pending. */
		if (runner && runner->host_tid)
			syscall(SYS_tgkill, getpid(), runner->host_tid, SIGALRM);
		errno = saved;
		return;
	}
	if (at && now >= at)
		deadline = 0;
	else if (at)
		arm(at); /* this was the early look below, or a signal that took its time */
	if (!ddekit_cpu.irqs_on || !ddekit_irq_deliver) {
		errno = saved;
		return; /* the next enable delivers */
	}
	if (ddekit_cpu.in_host || !ddet_may_interrupt(uc->uc_mcontext.gregs[REG_RIP])) {
		/* Nothing else may come along: look again soon. */
		if (!ddekit__idling() && ddekit_cpu.irq_pending && (!deadline || deadline > now + 100000))
			arm(now + 100000);
		errno = saved;
		return;
	}
	ddekit_irq_deliver();
	errno = saved;
}

void ddekit_delay_ns(unsigned long long ns)
{
	unsigned long long end = ddekit_time_ns() + ns;

	if (ns > 60000) {
		struct timespec ts = { .tv_sec = (ns - 50000) / 1000000000, .tv_nsec = (ns - 50000) % 1000000000 };

		nanosleep(&ts, NULL);
	}
	while (ddekit_time_ns() < end)
		__builtin_ia32_pause();
}

void ddekit__time_stop(void)
{
	if (timer_ok)
		arm(0);
	timer_ok = 0;
}

void ddekit__time_init(void)
{
	struct sigaction sa = { .sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigevent se = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };

	sigaction(SIGALRM, &sa, NULL);
	if (timer_create(CLOCK_MONOTONIC, &se, &timer) < 0)
		ddekit__die(DDEKIT_EXIT_IO, "timer_create: %s", strerror(errno));
	timer_ok = 1;
}
