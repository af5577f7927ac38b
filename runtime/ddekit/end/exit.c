// SPDX-License-Identifier: GPL-2.0-only
/* The end of the process: the exit record, then what has registered itself. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include <ddekit/host.h>
#include "end/coverage.h"
#include "end/exit.h"
#include "event/control.h"
#include "host/cpu.h"
#include "host/log.h"

#define MAX_CALLS 8

static void (*calls[MAX_CALLS])(void);
static int call_count;
static atomic_int ending;
/* What this thread has to do with it. */
static __thread enum { NOTHING, CLAIMED, ENDS } mine;

void ddekit__at_exit(void (*fn)(void))
{
	if (call_count == MAX_CALLS)
		ddekit__die(DDEKIT_EXIT_IO, "more than %d things to end", MAX_CALLS);
	calls[call_count++] = fn;
}

int ddekit__ending(void)
{
	return atomic_load(&ending);
}

int ddekit__exit_claim(void)
{
	if (atomic_exchange(&ending, 1))
		return 0;
	mine = CLAIMED;
	return 1;
}

void ddekit_exit(int code)
{
	char json[64];
	int crashed;

	ddekit_cpu.in_host++;
	if (mine == ENDS)
		_exit(code); /* one of the calls below failed */
	crashed = mine == CLAIMED;
	if (!crashed && !ddekit__exit_claim()) {
		for (;;)
			pause(); /* another thread is ending the process */
	}
	mine = ENDS;
	if (!crashed)
		ddekit__coverage_write();
	if (code < 0)
		code = 0;
	snprintf(json, sizeof(json), "{\"type\":\"exit\",\"code\":%d}", code);
	ddekit_result(json);
	while (call_count > 0)
		calls[--call_count]();
	_exit(code);
}

static void on_stop(int sig)
{
	static volatile int count;

	(void)sig;
	if (++count > 1)
		ddekit_exit(DDEKIT_EXIT_INTERRUPTED);
	ddekit__request_stop(DDEKIT_EXIT_INTERRUPTED);
}

void ddekit__exit_init(void)
{
	struct sigaction stop = { .sa_handler = on_stop, .sa_flags = SA_RESTART };

	ddekit__end = ddekit_exit;
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
}
