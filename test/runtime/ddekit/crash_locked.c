// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fault while the C library's allocator is in use: its lock is held by the thread that faults, so whoever allocates from here on waits
 * for ever. Stands in for the rest of ddekit, and for the allocator.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include <ddekit/cpu.h>
#include <ddet/ddetrace.h>
#include "end/crash.h"
#include "event/control.h"
#include "host/cpu.h"
#include "host/log.h"
#include "host/options.h"
#include "host/protect.h"
#include "host/thread.h"

struct ddekit_options ddekit__options = { .result_fd = 1 };
struct ddekit_cpu ddekit_cpu = { .in_host = 1 };
volatile int ddet_busy;
unsigned int ddet_categories;
__thread struct ddekit_thread *ddekit__self;
struct ddekit_thread *volatile ddekit__runner;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static volatile int locked;

static void take(void)
{
	static const char text[] = "waits for the allocator\n";

	if (!locked)
		return;
	if (write(1, text, sizeof(text) - 1) < 0)
		_exit(99);
	for (;;)
		pause();
}

void *malloc(size_t size)
{
	take();
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	take();
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	take();
	return __libc_realloc(p, size);
}

void free(void *p)
{
	take();
	__libc_free(p);
}

const char *ddekit__thread_name(void)
{
	return "probe";
}

int ddekit__protect_fault(void *si, void *ctx)
{
	(void)si;
	(void)ctx;
	return 0;
}

void ddekit__control_hold(void)
{
}

void ddekit__request_stop(int code)
{
	(void)code;
}

void ddet__emit_text(unsigned int event, unsigned int arg, const char *text, unsigned int len)
{
	(void)event;
	(void)arg;
	(void)text;
	(void)len;
}

unsigned long ddet_real_return(const void *slot, unsigned long ret)
{
	(void)slot;
	return ret;
}

unsigned int ddet_frames(unsigned long frame, unsigned long *pcs, unsigned int max)
{
	(void)frame;
	(void)pcs;
	(void)max;
	return 0;
}

__attribute__((noinline)) static void driver_faults(void)
{
	*(volatile int *)8 = 1;
}

int main(void)
{
	ddekit__log_results(ddekit__options.result_fd);
	ddekit__crash_init();
	locked = 1;
	driver_faults();
	return 0;
}
