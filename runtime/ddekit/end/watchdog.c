// SPDX-License-Identifier: GPL-2.0-only
/*
 * A thread of the host that looks once a second whether the virtual CPU has changed hands or waited for an event. Seconds are counted
 * in its own wake-ups, so a stop of the whole process does not count. Under a debugger a look counts only when the runner has
 * really run: it may be held alone, or the process may go from stop to stop.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "end/crash.h"
#include "end/watchdog.h"
#include "host/cpu.h"
#include "host/log.h"
#include "host/thread.h"

/* Of a second in which the runner computes, the least that a loaded host leaves to it. */
#define RAN_NS 50000000LL

static int limit;

/* The question to the runner: where are you? */
static void on_watchdog(int sig, siginfo_t *si, void *ctx)
{
	(void)sig;
	(void)si;
	ddekit__crash_stuck(ctx, limit);
}

static int debugged(void)
{
	static const char field[] = "\nTracerPid:";
	char text[2048];
	const char *at;
	ssize_t n;
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = 0;
	at = strstr(text, field);
	return at && atoi(at + sizeof(field) - 1) != 0;
}

/* CPU time of a thread of this process: the clock that pthread_getcpuclockid() would give, without a pthread_t that may be gone. */
static long long cpu_ns(int tid)
{
	struct timespec ts;

	if (!tid || clock_gettime(~(clockid_t)tid * 8 + 6, &ts))
		return 0;
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void *watchdog_main(void *arg)
{
	unsigned long last = ~0UL;
	long long ran = 0;
	int still = 0;

	(void)arg;
	pthread_setname_np(pthread_self(), "dde-watchdog");
	for (;;) {
		struct timespec second = { .tv_sec = 1 };
		long long before = ran;

		nanosleep(&second, NULL);
		if (atomic_load(&ddekit__idling) || ddekit_cpu.yields != last) {
			last = ddekit_cpu.yields;
			still = 0;
			ran = cpu_ns(ddekit__runner_tid());
			continue;
		}
		ran = cpu_ns(ddekit__runner_tid());
		if (ran - before < RAN_NS && debugged())
			continue;
		if (++still >= limit) {
			ddekit__runner_signal(SIGUSR2);
			still = 0;
		}
	}
	return NULL;
}

void ddekit__watchdog_start(int seconds)
{
	struct sigaction dog = { .sa_sigaction = on_watchdog, .sa_flags = SA_SIGINFO };
	pthread_t t;
	sigset_t all, old;

	limit = seconds;
	if (!limit)
		return;
	sigaction(SIGUSR2, &dog, NULL);
	/* The runner's signals are none of the watchdog's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&t, NULL, watchdog_main, NULL))
		ddekit__say("no watchdog: the host gives no thread for it");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}
