// SPDX-License-Identifier: MIT
/*
 * The timer's signal reaches a thread that is no runner; while its handler runs, the runner programs the next deadline and hands over
 * to just this thread. Stands in for the rest of ddekit; prints what happens.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ddekit/cpu.h>
#include <ddekit/irq.h>
#include <ddekit/time.h>
#include <ddet/ddetrace.h>
#include "host/cpu.h"
#include "host/log.h"
#include "host/thread.h"
#include "host/timer.h"

#define MS 1000000ULL

struct ddekit_cpu ddekit_cpu = { .in_host = 1 };
volatile unsigned long long ddekit_stopped_ns;
atomic_int ddekit__idling;
volatile int ddet_busy;
__thread struct ddekit_thread *ddekit__self;
struct ddekit_thread *volatile ddekit__runner;
void (*ddekit_irq_deliver)(void);

static struct ddekit_thread *const mine = (void *)1, *const other = (void *)2;
static volatile int expired, there, tid;

unsigned long long ddekit_time_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

int ddekit__runner_tid(void)
{
	return tid;
}

int ddekit__runner_signal(int sig)
{
	if (there)
		raise(sig);
	return there;
}

void ddekit__die(int code, const char *fmt, ...)
{
	printf("die %d %s\n", code, fmt);
	exit(1);
}

static void on_expired(void)
{
	if (!expired++ && ddekit__runner == other) {
		ddekit_timer_set(ddekit_time_ns() + 20 * MS);
		ddekit__runner = mine;
	}
}

static void nothing(void)
{
}

static void wait_ns(unsigned long long ns)
{
	unsigned long long end = ddekit_time_ns() + ns;

	while (ddekit_time_ns() < end)
		;
}

/* Waits until the deadline was met @n times, at most a second. */
static int met(int n)
{
	unsigned long long end = ddekit_time_ns() + 1000 * MS;

	while (expired < n && ddekit_time_ns() < end)
		;
	return expired == n;
}

int main(void)
{
	ddekit__timer_init(on_expired);
	ddekit__self = mine;
	there = 1;
	ddekit__runner = other;
	ddekit_timer_set(ddekit_time_ns() + 5 * MS);
	printf("first %d\n", met(1));
	printf("the one programmed meanwhile %d\n", met(2));

	/*
	 * With an interrupt pending that cannot be delivered at once, the timer looks again early. That look meets a runner that has not
	 * started: nobody can be signalled, and the deadline behind it is still met.
	 */
	expired = 0;
	ddekit_irq_deliver = nothing;
	ddekit_cpu.irqs_on = ddekit_cpu.irq_pending = 1;
	ddekit_timer_set(ddekit_time_ns() + 200 * MS);
	raise(SIGALRM);
	there = 0;
	ddekit__runner = other;
	wait_ns(50 * MS);
	ddekit__runner = mine;
	there = 1;
	ddekit_cpu.irq_pending = 0;
	printf("after an early look that reached nobody %d\n", met(1));

	/* It reaches the thread that hands over, when another one is the runner already and the thread id is still its own. */
	ddekit__runner = other;
	tid = gettid();
	raise(SIGALRM);
	printf("a thread that hands over gets on\n");
	ddekit__timer_stop();
	return 0;
}
