// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages taken away from the CPU. A fault there opens the page, runs the one instruction with the trap flag set, and closes the page
 * again in the SIGTRAP handler. All other signals wait meanwhile: what they run must not find the page open.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <ddekit/arena.h>
#include <ddekit/own.h>
#include "host/options.h"
#include "host/protect.h"

#define PAGE 4096UL
#define TRAP_FLAG 0x100
#define ERR_WRITE 2
/* One instruction touches few pages: both sides of a copy, each across a border. */
#define OPEN 32

void (*ddekit_on_access)(unsigned long addr, unsigned long pc, unsigned long frame, int write);

static const int prot[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE };

/* By page of the arena; all may be used until it is protected for the first time. */
static uint8_t taken[DDEKIT_ARENA_MAX / PAGE];
static int active;

static __thread struct step {
	unsigned long page[OPEN];
	int pages;
	sigset_t mask;
} step;

static void on_step(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	(void)sig;
	(void)si;
	while (step.pages > 0) {
		unsigned long page = step.page[--step.pages];

		mprotect((void *)page, PAGE, prot[DDEKIT_ACCESS_ALL - taken[(page - DDEKIT_ARENA_BASE) / PAGE]]);
	}
	uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
	uc->uc_sigmask = step.mask;
}

int ddekit_protect(unsigned long page, enum ddekit_access access)
{
	page &= ~(PAGE - 1);
	if (page < DDEKIT_ARENA_BASE || page >= DDEKIT_ARENA_BASE + ddekit__options.memory)
		return -EINVAL;
	if (!active) {
		struct sigaction trap = { .sa_sigaction = on_step, .sa_flags = SA_SIGINFO | SA_ONSTACK };

		active = 1;
		sigaction(SIGTRAP, &trap, NULL);
	}
	taken[(page - DDEKIT_ARENA_BASE) / PAGE] = DDEKIT_ACCESS_ALL - access;
	return mprotect((void *)page, PAGE, prot[access]) ? -errno : 0;
}

int ddekit__protect_fault(void *siginfo, void *ctx)
{
	ucontext_t *uc = ctx;
	siginfo_t *si = siginfo;
	unsigned long addr = (unsigned long)si->si_addr, page = addr & ~(PAGE - 1);
	int i, saved = errno;

	if (!active || si->si_code != SEGV_ACCERR || page < DDEKIT_ARENA_BASE || page >= DDEKIT_ARENA_BASE + DDEKIT_ARENA_MAX ||
	    !taken[(page - DDEKIT_ARENA_BASE) / PAGE])
		return 0;
	for (i = 0; i < step.pages; i++)
		if (step.page[i] == page)
			return 0; /* open already: a fault of another kind */
	if (step.pages == OPEN)
		return 0;
	if (ddekit_on_access) {
		/* It may touch such a page itself: a step of its own, after which this one goes on. */
		struct step outer = step;

		step.pages = 0;
		ddekit_on_access(addr, uc->uc_mcontext.gregs[REG_RIP], uc->uc_mcontext.gregs[REG_RBP],
				 !!(uc->uc_mcontext.gregs[REG_ERR] & ERR_WRITE));
		step = outer;
	}
	if (!step.pages) {
		step.mask = uc->uc_sigmask;
		sigfillset(&uc->uc_sigmask);
		sigdelset(&uc->uc_sigmask, SIGTRAP);
		sigdelset(&uc->uc_sigmask, SIGSEGV);
		sigdelset(&uc->uc_sigmask, SIGBUS);
		uc->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
	}
	step.page[step.pages++] = page;
	mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE);
	errno = saved;
	return 1;
}
