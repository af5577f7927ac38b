// SPDX-License-Identifier: GPL-2.0-only
/*
 * The C stack by frame pointers. Where the process goes on (a WARN), with function, file and line of addr2line (binutils, which the build
 * needs anyway); without it the addresses are still printed. Of a crash the addresses alone: crash.c. Called perhaps in the midst of
 * malloc(): allocates nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <ddekit/host.h>
#include <ddet/ddetrace.h>
#include "end/backtrace.h"
#include "host/cpu.h"
#include "host/log.h"
#include "host/thread.h"

#define MAX_FRAMES 64
/* Words of the stack that are looked through, and bytes of the largest frame. */
#define LOOK 256
#define FRAME_MOST 8192

extern char __executable_start, etext;

/*
 * addr2line's output goes to descriptor `out`. The process is waited for. Not by posix_spawn(), whose list of file actions is allocated;
 * the child shares this memory until it executes, so no handler of ours may run in it.
 */
static int run_addr2line(unsigned long *pcs, int n, int first_exact, int out)
{
	char args[MAX_FRAMES][20], exe[64];
	char *argv[MAX_FRAMES + 8] = { "addr2line", "-f", "-i", "-p", "-s", "-e", exe };
	sigset_t all, old;
	int i, status;
	pid_t pid;

	snprintf(exe, sizeof(exe), "/proc/%d/exe", getpid());
	for (i = 0; i < n; i++) {
		/* A return address belongs to the line of the call before it. */
		snprintf(args[i], sizeof(args[i]), "%lx", pcs[i] - (i || !first_exact));
		argv[7 + i] = args[i];
	}
	argv[7 + n] = NULL;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = vfork();
	if (pid == 0) {
		if (dup2(out, 1) >= 0)
			execvp(argv[0], argv);
		_exit(127);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

void ddekit_describe(unsigned long pc, char *buf, unsigned int size)
{
	int fds[2];
	ssize_t n = 0;
	char *p;

	ddekit__enter();
	snprintf(buf, size, "0x%lx", pc);
	if (pipe2(fds, O_CLOEXEC) == 0) {
		char line[256];

		/* One short line fits into the pipe, so the reader may come after the writer has ended. */
		if (run_addr2line(&pc, 1, 0, fds[1]) == 0)
			n = read(fds[0], line, sizeof(line) - 1);
		close(fds[0]);
		close(fds[1]);
		if (n > 0) {
			line[n] = 0;
			if (line[n - 1] == '\n')
				line[n - 1] = 0;
			/* Inlined helpers of the kernel's headers come first; the function that holds them comes last. */
			p = strrchr(line, '\n');
			p = p ? p + 1 : line;
			if (!strncmp(p, " (inlined by) ", 14))
				p += 14;
			if (*p != '?')
				snprintf(buf, size, "%s", p);
		}
	}
	ddekit__leave();
}

/* @inner: what is known of the stack inside of @frame, innermost first; the first is no return address. */
static int fill(unsigned long *pcs, int max, const unsigned long *inner, int n, unsigned long frame)
{
	int i;

	for (i = 0; i < n; i++)
		pcs[i] = inner[i];
	return n + ddet_frames(frame, pcs + n, max - n);
}

static void print_stack(const unsigned long *inner, int n, unsigned long frame)
{
	unsigned long pcs[MAX_FRAMES];
	int i;

	ddekit__enter();
	i = fill(pcs, MAX_FRAMES, inner, n, frame);
	ddekit__say("stack of '%s' (innermost first):", ddekit__thread_name());
	if (run_addr2line(pcs, i, n != 0, 2) < 0)
		for (n = 0; n < i; n++)
			ddekit__say("  #%d 0x%lx", n, pcs[n]);
	ddekit__leave();
}

void ddekit_backtrace(unsigned long frame, unsigned long pc)
{
	print_stack(&pc, pc != 0, frame ? frame : (unsigned long)__builtin_frame_address(0));
}

static int in_text(unsigned long pc)
{
	return pc >= (unsigned long)&__executable_start && pc < (unsigned long)&etext;
}

/* Behind a call instruction: of a name, or by a register or memory (two or three bytes here). */
static int is_return(unsigned long pc)
{
	const unsigned char *p = (const unsigned char *)pc;

	return in_text(pc) && in_text(pc - 5) && (p[-5] == 0xe8 || (p[-2] == 0xff && (p[-1] & 0x38) == 0x10) || (p[-3] == 0xff && (p[-2] & 0x38) == 0x10));
}

/* A saved frame pointer with the return address above it. */
static int is_frame(const unsigned long *p)
{
	unsigned long up = p[0];

	return up > (unsigned long)p && up - (unsigned long)p < FRAME_MOST && in_text(ddet_real_return(p + 1, p[1]));
}

int ddekit__stack(unsigned long frame, unsigned long *pcs, int max)
{
	return fill(pcs, max, NULL, 0, frame);
}

int ddekit__stack_at(const void *context, unsigned long *pcs, int max)
{
	const ucontext_t *uc = context;
	unsigned long ip = uc->uc_mcontext.gregs[REG_RIP], bp = uc->uc_mcontext.gregs[REG_RBP];
	const unsigned long *sp = (const unsigned long *)uc->uc_mcontext.gregs[REG_RSP], *p = sp;

	if (in_text(ip)) {
		/* A function that has not made its frame yet, or makes none: its return address is the newest word. */
		unsigned long inner[] = { ip, ddet_real_return(sp, *sp) };

		return fill(pcs, max, inner, is_return(inner[1]) ? 2 : 1, bp);
	}
	/* Nobody's code (a call of a null pointer), or the C library's, which keeps no frame pointers: the first return address is ours. */
	while (p < sp + LOOK && !in_text(ddet_real_return(p, *p)))
		p++;
	if (p < sp + LOOK)
		ip = ddet_real_return(p, *p) - 1;
	if (bp <= (unsigned long)sp || bp - (unsigned long)sp > FRAME_MOST || bp % sizeof(long) || !is_frame((const unsigned long *)bp)) {
		for (p++; p < sp + LOOK && !is_frame(p);)
			p++;
		bp = p < sp + LOOK ? (unsigned long)p : 0;
	}
	return fill(pcs, max, &ip, 1, bp ? bp : (unsigned long)__builtin_frame_address(0));
}
