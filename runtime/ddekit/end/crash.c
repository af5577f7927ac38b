// SPDX-License-Identifier: GPL-2.0-only
/* A signal that means a fault ends the process, after a report; but for pages that were taken away on purpose (host/protect.c). */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include <ddekit/host.h>
#include <ddet/ddetrace.h>
#include "end/backtrace.h"
#include "end/crash.h"
#include "end/exit.h"
#include "host/log.h"
#include "host/protect.h"
#include "host/thread.h"

static void on_fault(int sig, siginfo_t *si, void *ctx)
{
	/* strsignal() would translate it, and allocate. */
	const char *name = sigdescr_np(sig);
	char json[256];

	if (sig == SIGSEGV && ddekit__protect_fault(si, ctx))
		return;
	if (!ddekit__exit_claim())
		_exit(DDEKIT_EXIT_CRASH);
	ddekit__say("the driver process got %s (%s) at address %p, in thread '%s'", name, sig == SIGABRT ? "abort" : "fault",
		    si->si_addr, ddekit__thread_name());
	/* A fault in the tracer itself must not be told to it. */
	if (ddekit__self && ddekit__self == ddekit__runner && !ddet_busy)
		ddet_mark(DDET_MARK_OOPS, name, strlen(name));
	ddekit__backtrace_at(ctx);
	snprintf(json, sizeof(json), "{\"type\":\"crash\",\"reason\":\"%s\",\"address\":\"%p\",\"thread\":\"%.20s\"}", name,
		 si->si_addr, ddekit__thread_name());
	ddekit_result(json);
	ddekit_exit(DDEKIT_EXIT_CRASH);
}

void ddekit__crash_init(void)
{
	struct sigaction fault = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	unsigned int i;

	/*
	 * The timer's handler may run kernel code: here it would be on the alternate stack, which the tracer takes for no stack of a thread,
	 * and traced functions would return to nowhere. It waits until the fault has been dealt with.
	 */
	sigemptyset(&fault.sa_mask);
	sigaddset(&fault.sa_mask, SIGALRM);
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigaction(faults[i], &fault, NULL);
}
