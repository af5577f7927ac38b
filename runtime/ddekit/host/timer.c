// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one-shot timer: a POSIX timer whose SIGALRM reaches whatever thread; the handler passes it on to the runner and, where
 * delivery is allowed, delivers right there, so that a driver that spins on jiffies sees time pass.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include <ddekit/irq.h>
#include <ddekit/time.h>
#include <ddet/ddetrace.h>
#include "host/cpu.h"
#include "host/log.h"
#include "host/thread.h"
#include "host/timer.h"

/* When delivery is not allowed at the moment, look again so much later. */
#define AGAIN_NS 100000

static timer_t timer;
static int timer_ok;
static void (*on_expired)(void);
static volatile unsigned long long deadline; /* ns, 0 = none; written by the runner */

/* @at: ddekit_time_ns(), or 0 = never. */
static void arm(unsigned long long at)
{
	struct itimerspec its = { 0 };

	if (at) {
		at += ddekit_stopped_ns;
		its.it_value.tv_sec = at / 1000000000;
		its.it_value.tv_nsec = at % 1000000000;
	}
	timer_settime(timer, TIMER_ABSTIME, &its, NULL);
}

void ddekit_timer_set(unsigned long long at)
{
	deadline = at;
	if (timer_ok)
		arm(at);
}

/* On the runner: delivers, if the interrupted code allows it. */
static void on_runner(unsigned long long now, unsigned long long at, unsigned long pc)
{
	if (at && now >= at)
		deadline = 0;
	else if (at)
		arm(at); /* this was the early look below, a stop in a debugger, or a signal that took its time */
	if (!ddekit_cpu.irqs_on || !ddekit_irq_deliver)
		return; /* the next enable delivers */
	if (!ddekit_cpu.in_host && ddet_may_interrupt(pc))
		ddekit_irq_deliver();
	else if (!atomic_load(&ddekit__idling) && ddekit_cpu.irq_pending && (!deadline || deadline > now + AGAIN_NS))
		arm(now + AGAIN_NS); /* nothing else may come along */
}

/*
 * In the midst of hand_over() this is the runner no more and still bears its thread id: a signal to that would come back at once, again
 * and again, and the thread never get on.
 */
static int hands_over(void)
{
	return ddekit__runner_tid() == syscall(SYS_gettid);
}

static void on_alarm(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;
	int saved = errno;
	/*
	 * Asked before the deadline is read: a thread that becomes the runner in the midst of this handler holds a deadline that the
	 * former runner has replaced meanwhile, and would clear the new one. Whoever is the runner here stays it until it returns.
	 */
	int runs = ddekit__self == ddekit__runner;
	unsigned long long now = ddekit_time_ns(), at = deadline;

	(void)sig;
	(void)si;
	if (at && now >= at)
		on_expired();
	if (runs)
		on_runner(now, at, uc->uc_mcontext.gregs[REG_RIP]);
	else if ((hands_over() || !ddekit__runner_signal(SIGALRM)) && timer_ok)
		arm(now + AGAIN_NS); /* a runner that has not started yet: this look may have been the early one, and the deadline is to be set again */
	errno = saved;
}

void ddekit__timer_stop(void)
{
	if (timer_ok)
		arm(0);
	timer_ok = 0;
}

void ddekit__timer_init(void (*expired)(void))
{
	struct sigaction sa = { .sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigevent se = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };

	on_expired = expired;
	sigaction(SIGALRM, &sa, NULL);
	if (timer_create(CLOCK_MONOTONIC, &se, &timer) < 0)
		ddekit__die(DDEKIT_EXIT_IO, "timer_create: %s", strerror(errno));
	timer_ok = 1;
}
