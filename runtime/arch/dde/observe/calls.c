// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for nothing in arch/: events that no tracepoint of Linux gives. Calls of the functions below from other objects come
 * here first (tables/hooks.txt, ld --wrap); __real_NAME is the kernel's own function. Calls inside the function's own file do not.
 */
#include <linux/init.h>
#include <linux/netdevice.h>
#include <linux/printk.h>
#include <trace/events/printk.h>

#include "probes.h"
#include "trace.h"

void __real___napi_schedule(struct napi_struct *n);
void __wrap___napi_schedule(struct napi_struct *n);
void __wrap___napi_schedule(struct napi_struct *n)
{
	ddet_napi_schedule(P(n), DDET_CALLER());
	__real___napi_schedule(n);
}

void __real___napi_schedule_irqoff(struct napi_struct *n);
void __wrap___napi_schedule_irqoff(struct napi_struct *n);
void __wrap___napi_schedule_irqoff(struct napi_struct *n)
{
	ddet_napi_schedule(P(n), DDET_CALLER());
	__real___napi_schedule_irqoff(n);
}

bool __real_napi_complete_done(struct napi_struct *n, int work_done);
bool __wrap_napi_complete_done(struct napi_struct *n, int work_done);
bool __wrap_napi_complete_done(struct napi_struct *n, int work_done)
{
	/* Afterwards the memory may be another's, and a missed interrupt has already scheduled it again. */
	bool done = __real_napi_complete_done(n, work_done);

	ddet_napi_complete(P(n), work_done, !done);
	return done;
}

/* Level of the message that is being printed: the console's tracepoint has only the text. */
static int printk_level = CONSOLE_LOGLEVEL_DEFAULT;

int __real_vprintk_emit(int facility, int level, const struct dev_printk_info *dev_info, const char *fmt, va_list args);
int __wrap_vprintk_emit(int facility, int level, const struct dev_printk_info *dev_info, const char *fmt, va_list args);
int __wrap_vprintk_emit(int facility, int level, const struct dev_printk_info *dev_info, const char *fmt, va_list args)
{
	printk_level = level >= 0 ? level : MESSAGE_LOGLEVEL_DEFAULT;
	return __real_vprintk_emit(facility, level, dev_info, fmt, args);
}

/* The body is that of _printk() itself: a variadic call cannot be handed on. */
asmlinkage __printf(1, 2) int __wrap__printk(const char *fmt, ...);
asmlinkage __printf(1, 2) int __wrap__printk(const char *fmt, ...)
{
	int level = printk_get_level(fmt);
	va_list args;
	int n;

	printk_level = level >= '0' && level <= '7' ? level - '0' : MESSAGE_LOGLEVEL_DEFAULT;
	va_start(args, fmt);
	n = vprintk(fmt, args);
	va_end(args);
	return n;
}

static void on_console(void *data, const char *text, size_t len)
{
	ddet_printk(printk_level, text, len);
}

#define EVENTS(X) \
	X(DDET_CAT_PRINTK, console)

DDE_PROBES(EVENTS);
