// SPDX-License-Identifier: GPL-2.0-only
/* What time it is. Any thread, any signal handler. */
#include <time.h>

#include <ddekit/host.h>
#include <ddekit/time.h>

volatile unsigned long long ddekit_stopped_ns;

static unsigned long long clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

unsigned long long ddekit_time_ns(void)
{
	unsigned long long stopped, now;

	/* A debugger that stops the process between the two readings adds to what is taken off: time would go backwards. */
	do {
		stopped = ddekit_stopped_ns;
		now = clock_ns(CLOCK_MONOTONIC);
	} while (stopped != ddekit_stopped_ns);
	return now - stopped;
}

unsigned long long ddekit_wallclock_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

unsigned long long ddekit_cpu_time_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* Delays of the kernel come in steps of 50 us at most, with a look at interrupts in between: too short to sleep for. */
void ddekit_delay_ns(unsigned long long ns)
{
	unsigned long long end = ddekit_time_ns() + ns;

	while (ddekit_time_ns() < end)
		__builtin_ia32_pause();
}
