// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures what the tracer itself costs: an empty function, called through the stub and not, into a ring of its own.
 *
 * Runs once, when the first site is switched on, with ddet_busy set by the caller. About 60 us, with all signals blocked, for
 * the measured code clears ddet_busy.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "abi/ddetrace.h"
#include "control/control.h"
#include "emit/ddet_cpu.h"

#define ROUNDS 7
#define CALLS 500u

void ddet__cost_cell(void);
void ddet__cost_args_cell(void);
void ddet__cost_target(void);

/* A cell as sites/cells.c makes them; site 0 stands in its records, which nobody reads. */
__asm__(".pushsection .text\n"
	".p2align 5\n"
	"ddet__cost_cell:\n"
	"	movl $0, %r11d\n"
	"	call ddet__stub_entry\n"
	"	addq $8, %rsp\n"
	"	call ddet__cost_target\n"
	"	movl $0, %ecx\n"
	"	call ddet__stub_exit\n"
	"	pushq %rcx\n"
	"	ret\n"
	".p2align 5\n"
	"ddet__cost_args_cell:\n" /* three arguments after the first */
	"	movl $0x3000000, %r11d\n"
	"	call ddet__stub_entry\n"
	"	addq $8, %rsp\n"
	"	call ddet__cost_target\n"
	"	movl $0, %ecx\n"
	"	call ddet__stub_exit\n"
	"	pushq %rcx\n"
	"	ret\n"
	"ddet__cost_target:\n"
	"	ret\n"
	".popsection\n");

static ddet_u64 time_calls(void (*f)(void))
{
	ddet_u64 start = ddet_tsc();
	unsigned int i;

	for (i = 0; i < CALLS; i++)
		f();
	return ddet_tsc() - start;
}

static ddet_u64 time_events(void)
{
	ddet_u64 start = ddet_tsc();
	unsigned int i;

	for (i = 0; i < CALLS; i++)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_IRQ_HANDLER_ENTRY), i, i, 0);
	return ddet_tsc() - start;
}

static ddet_u64 median(ddet_u64 *v, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++) {
		for (unsigned int j = i; j && v[j] < v[j - 1]; j--) {
			ddet_u64 t = v[j];

			v[j] = v[j - 1];
			v[j - 1] = t;
		}
	}
	return v[n / 2];
}

void ddet_measure_cost(void)
{
	const unsigned int bytes = CALLS * 48 + DDET_BLOCK_HEADER_BYTES;
	struct ddet_cpu saved = ddet_cpu;
	struct ddet_shadow shadow[8];
	ddet_u64 plain[ROUNDS], pair[ROUNDS], args[ROUNDS], event[ROUNDS], inner[ROUNDS], span[CALLS];
	volatile ddet_u64 head;
	unsigned char *ring = malloc(bytes);
	sigset_t all, before;
	unsigned int r, i;

	if (!ring)
		return;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	memset(ring, 0, bytes);
	for (r = 0; r < ROUNDS; r++) {
		shadow[0].slot = ~0ull;
		memset(&ddet_cpu, 0, sizeof(ddet_cpu));
		ddet_cpu.lim = bytes;
		ddet_cpu.bias = (ddet_u64)ring;
		ddet_cpu.head = &head;
		ddet_cpu.shadow = shadow + 1;
		ddet_cpu.shadow_lim = ddet_cpu.shadow_deep = shadow + 8;
		plain[r] = time_calls(ddet__cost_target);
		pair[r] = time_calls(ddet__cost_cell);
		for (i = 0; i < CALLS; i++)
			span[i] = *(ddet_u64 *)(ring + i * 32 + 16) - *(ddet_u64 *)(ring + i * 32);
		inner[r] = median(span, CALLS);
		ddet_cpu.pos = 0;
		args[r] = time_calls(ddet__cost_args_cell);
		ddet_cpu.pos = 0;
		event[r] = time_events();
	}
	ddet_cpu = saved;
	ddet_busy = 1; /* the caller is still at work */
	sigprocmask(SIG_SETMASK, &before, NULL);
	free(ring);
	plain[0] = median(plain, ROUNDS);
	pair[0] = median(pair, ROUNDS);
	args[0] = median(args, ROUNDS);
	ddet_ctl->cost_pair = (unsigned int)((pair[0] > plain[0] ? pair[0] - plain[0] : 0) * 1000 / CALLS);
	ddet_ctl->cost_args = (unsigned int)((args[0] > pair[0] ? args[0] - pair[0] : 0) * 1000 / CALLS);
	ddet_ctl->cost_inner = (unsigned int)(median(inner, ROUNDS) * 1000);
	ddet_ctl->cost_event = (unsigned int)(median(event, ROUNDS) * 1000 / CALLS);
}
