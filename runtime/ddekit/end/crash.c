// SPDX-License-Identifier: GPL-2.0-only
/*
 * A signal that means a fault ends the process, after a report; but for pages that were taken away on purpose (host/protect.c). So do a
 * panic of the kernel side and a virtual CPU that is stuck.
 *
 * The report is raw: addresses and registers, as lines of the result channel; names and source lines are the parent's work, which then
 * says whether the process is to be kept. Nothing here allocates or takes a lock. Memory may be in any state: what faults while
 * it is read is left out.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include <ddekit/crash.h>
#include <ddekit/exit_codes.h>
#include <ddekit/host.h>
#include <ddet/ddetrace.h>
#include "end/backtrace.h"
#include "end/crash.h"
#include "end/exit.h"
#include "event/control.h"
#include "host/cpu.h"
#include "host/log.h"
#include "host/options.h"
#include "host/protect.h"
#include "host/thread.h"

/* A recursion is told from both ends, and runs over megabytes of the arena before something notices. */
#define MAX_FRAMES (1 << 18)
#define HEAD 32
#define TAIL 32
#define PAGE_FAULT 14 /* the processor's number */

struct crash {
	const char *reason;
	const char *thread;
	const char *text; /* or NULL, as the next */
	const char *stage;
	int signal, code; /* si_code */
	int seconds; /* of a stuck virtual CPU */
	const void *address;
	const void *context; /* ucontext_t; NULL: from `frame` on */
	unsigned long frame;
	int parked;
	int exit_code;
};

void (*ddekit_crash_notes)(unsigned long sp, unsigned long top);

/* Where a fault of the report itself goes on; only while `reading`. */
static sigjmp_buf rescue;
static volatile sig_atomic_t reading;

static char line[8192];
static unsigned int used;
static unsigned long pcs[MAX_FRAMES];

static void add(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void add(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line + used, sizeof(line) - used, fmt, ap);
	va_end(ap);
	used += n > 0 && used + n < sizeof(line) ? n : 0;
}

static void add_string(const char *name, const char *s)
{
	add(",\"%s\":\"", name);
	for (; *s && used < sizeof(line) / 2; s++)
		if ((unsigned char)*s >= ' ')
			add(*s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
	add("\"");
}

static void add_registers(const ucontext_t *uc)
{
	static const struct {
		const char *name;
		int at;
	} regs[] = {
		{ "rip", REG_RIP },
		{ "rsp", REG_RSP },
		{ "rbp", REG_RBP },
		{ "rax", REG_RAX },
		{ "rbx", REG_RBX },
		{ "rcx", REG_RCX },
		{ "rdx", REG_RDX },
		{ "rsi", REG_RSI },
		{ "rdi", REG_RDI },
		{ "r8", REG_R8 },
		{ "r9", REG_R9 },
		{ "r10", REG_R10 },
		{ "r11", REG_R11 },
		{ "r12", REG_R12 },
		{ "r13", REG_R13 },
		{ "r14", REG_R14 },
		{ "r15", REG_R15 },
		{ "eflags", REG_EFL },
	};
	unsigned int i;

	add(",\"registers\":{");
	for (i = 0; i < sizeof(regs) / sizeof(regs[0]); i++)
		add("%s\"%s\":\"0x%llx\"", i ? "," : "", regs[i].name, uc->uc_mcontext.gregs[regs[i].at]);
	add("}");
}

/* Of the processor's error code of a page fault. */
static const char *access_of(long error)
{
	return error & 16 ? "execute" : error & 2 ? "write"
						  : "read";
}

/* At least the instruction, also when the stack cannot be read. */
static int stack_of(const struct crash *c)
{
	const ucontext_t *uc = c->context;
	volatile int n = -1;

	if (!uc)
		return ddekit__stack(c->frame, pcs, MAX_FRAMES);
	reading = 1;
	if (!sigsetjmp(rescue, 0))
		n = ddekit__stack_at(uc, pcs, MAX_FRAMES);
	reading = 0;
	if (n >= 0)
		return n;
	pcs[0] = uc->uc_mcontext.gregs[REG_RIP];
	return 1 + ddekit__stack(uc->uc_mcontext.gregs[REG_RBP], pcs + 1, MAX_FRAMES - 1);
}

static void add_stack(int n)
{
	int i, omitted = n > HEAD + TAIL ? n - HEAD - TAIL : 0;

	add(",\"pcs\":[");
	for (i = 0; i < n; i++)
		if (!omitted || i < HEAD || i >= n - TAIL)
			add("%s\"0x%lx\"", i ? "," : "", pcs[i]);
	add("]");
	if (omitted)
		add(",\"omitted\":{\"before\":%d,\"count\":%d}", HEAD, omitted);
}

static unsigned long stack_top(void)
{
	unsigned long self;

	/* The C library keeps what it knows of a thread at the end of its stack. */
	asm("mov %%fs:0, %0"
	    : "=r"(self));
	return self;
}

static void notes(const struct crash *c)
{
	const ucontext_t *uc = c->context;
	unsigned long sp = uc ? (unsigned long)uc->uc_mcontext.gregs[REG_RSP] : c->frame;

	/* The kernel's `current` is the runner: of another thread of the host it knows nothing. */
	if (!ddekit_crash_notes || !ddekit__self || ddekit__self != ddekit__runner)
		return;
	reading = 1;
	if (!sigsetjmp(rescue, 0))
		ddekit_crash_notes(c->parked ? 0 : sp, stack_top());
	reading = 0;
}

static void tell(const struct crash *c)
{
	const ucontext_t *uc = c->context;
	int n = stack_of(c);

	used = 0;
	add("{\"type\":\"crash\"");
	add_string("reason", c->reason);
	if (c->signal)
		add(",\"signal\":%d,\"code\":%d,\"address\":\"%p\"", c->signal, c->code, c->address);
	if (c->signal == SIGSEGV && uc->uc_mcontext.gregs[REG_TRAPNO] == PAGE_FAULT)
		add_string("access", access_of(uc->uc_mcontext.gregs[REG_ERR]));
	if (c->seconds)
		add(",\"seconds\":%d", c->seconds);
	if (c->stage)
		add_string("stage", c->stage);
	if (c->text)
		add_string("text", c->text);
	add_string("thread", c->thread);
	/* The first is the instruction itself, not where a call returns to. */
	add(",\"exact\":%s", c->context ? "true" : "false");
	add_stack(n);
	if (uc)
		add_registers(uc);
	add("}");
	ddekit_result(line);
	if (ddekit__options.result_fd < 0) {
		used = 0;
		for (int i = 0; i < n && i < HEAD; i++)
			add(" 0x%lx", pcs[i]);
		ddekit__say("stack of '%s', for addr2line -fipse:%s", c->thread, line);
	}
	notes(c);
	ddekit_result("{\"type\":\"crashTold\"}");
	ddekit__control_hold();
}

static void crash(const struct crash *c) __attribute__((noreturn));
static void crash(const struct crash *c)
{
	ddekit_cpu.in_host++;
	tell(c);
	ddekit_exit(c->exit_code);
}

void ddekit_crash(const char *reason, const char *text, const char *stage, unsigned long frame, const char *thread, int code)
{
	struct crash c = {
		.reason = reason,
		.text = text,
		.stage = stage,
		.frame = frame ? frame : (unsigned long)__builtin_frame_address(0),
		.parked = frame != 0,
		.thread = thread ? thread : ddekit__thread_name(),
		.exit_code = code,
	};

	if (!ddekit__exit_claim())
		ddekit_exit(code); /* another thread is ending the process: waits for that */
	crash(&c);
}

void ddekit__crash_stuck(const void *context, int seconds)
{
	struct crash c = {
		.reason = "watchdog",
		.seconds = seconds,
		.context = context,
		.thread = ddekit__thread_name(),
		.exit_code = DDEKIT_EXIT_WATCHDOG,
	};

	/* A process that is kept does not yield either. */
	if (ddekit__exit_claim())
		crash(&c);
}

static void on_fault(int sig, siginfo_t *si, void *ctx)
{
	/* strsignal() would translate it, and allocate. */
	const char *name = sigdescr_np(sig);
	struct crash c = {
		.reason = name,
		.signal = sig,
		.code = si->si_code,
		.address = si->si_addr,
		.context = ctx,
		.thread = ddekit__thread_name(),
		.exit_code = DDEKIT_EXIT_CRASH,
	};

	if (sig == SIGSEGV && ddekit__protect_fault(si, ctx))
		return;
	if (!ddekit__exit_claim()) {
		if (reading)
			siglongjmp(rescue, 1);
		_exit(DDEKIT_EXIT_CRASH);
	}
	ddekit__say("the driver process got %s (%s) at address %p, in thread '%s'", name, sig == SIGABRT ? "abort" : "fault",
		    si->si_addr, ddekit__thread_name());
	/* A fault in the tracer itself must not be told to it. */
	if (ddekit__self && ddekit__self == ddekit__runner && !ddet_busy)
		ddet_mark(DDET_MARK_OOPS, name, strlen(name));
	crash(&c);
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
