// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls of the program in the recording: the program's stack, the call with its first arguments, its result. Functions and calls go by
 * numbers, whose names are told before they are first used, and again to each recorder that comes.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <ddet/ddetrace.h>

#include "exec.h"

#define FRAMES DDEKIT_PROGRAM_FRAMES /* calls are numbered behind them */
#define CALLS 512
#define DEEPEST 56

static const char *const names[CALLS] = {
#define NAME(n, name) [n] = #name,
	EXEC_ALL(NAME)
#undef NAME
};

static unsigned long told[BITS_TO_LONGS(FRAMES + CALLS)];
static unsigned int told_to; /* ddet_applied() then */

static void tell(unsigned int frame, const char *name)
{
	if (told_to != ddet_applied()) {
		memset(told, 0, sizeof(told));
		told_to = ddet_applied();
	}
	if (!__test_and_set_bit(frame, told))
		ddet_program_frame(frame, name, strlen(name));
}

static void stack(struct exec_thread *t)
{
	unsigned int frames[DEEPEST], n, i;

	n = ddekit_program_stack(t->process->id, t->tid, frames, DEEPEST);
	for (i = 0; i < n; i++)
		tell(frames[i], ddekit_program_function(frames[i]));
	if (n)
		ddet_program_stack(t->process->id, frames, n);
}

static unsigned int number_of(const struct ddekit_call *c)
{
	return FRAMES + (c->nr >= 0 && c->nr < CALLS ? c->nr : 0);
}

void exec_trace_entry(struct exec_thread *t)
{
	const struct ddekit_call *c = &t->call;

	if (!(ddet_categories & DDET_CAT_SYSCALL))
		return;
	tell(number_of(c), names[number_of(c) - FRAMES] ?: "call");
	stack(t);
	ddet_syscall_entry(number_of(c), c->args[0], c->args[1], c->args[2]);
}

void exec_trace_exit(struct exec_thread *t, long value)
{
	bool failed = IS_ERR_VALUE(value);

	ddet_syscall_exit(number_of(&t->call), failed ? -value : 0, failed ? 0 : value);
}
