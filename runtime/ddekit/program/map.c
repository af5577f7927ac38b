// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the arena in the program's memory: the answer to its mmap(). Only the program itself can map, and what it asked for is another
 * file at another place of it, so its thread is stopped in the call (ptrace) and made to ask for the right ones instead; it finds the address as
 * the result of the call that it made. Nothing of that needs the virtual CPU: the filter lets these calls pass.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ddekit/program.h>
#include "host/cpu.h"
#include "host/log.h"
#include "host/memory.h"
#include "program/filter.h"
#include "program/program.h"

#define SYSCALL_SIZE 2 /* bytes of the instruction */
#define SYSCALL 0x050f
/* What an interrupted call returns to the kernel's entry code before it is made again (include/linux/errno.h). */
#define ERESTARTSYS 512
#define MAX_SIGNALS 8
#define ARENA_NAME "/memfd:dde-ram" /* host/memory.c */
#define SYSCALL_STOP (SIGTRAP | 0x80)

struct stopped {
	int tid;
	struct user_regs_struct regs; /* in the call */
	int signals[MAX_SIGNALS]; /* came in between: for when it goes on */
	int count;
	int gone;
};

/* The next stop: its status, or -1 when there is nobody any more. */
static int wait_stop(struct stopped *s)
{
	int status;
	pid_t got;

	do
		got = waitpid(s->tid, &status, __WALL);
	while (got < 0 && errno == EINTR);
	if (got == s->tid && WIFSTOPPED(status))
		return status;
	s->gone = 1;
	return -1;
}

static void keep(struct stopped *s, int sig)
{
	if (s->count < MAX_SIGNALS)
		s->signals[s->count++] = sig;
}

static int stop(struct stopped *s)
{
	int status;

	if (ptrace(PTRACE_SEIZE, s->tid, 0, PTRACE_O_TRACESYSGOOD))
		return -errno;
	if (ptrace(PTRACE_INTERRUPT, s->tid, 0, 0))
		return -errno;
	while ((status = wait_stop(s)) >= 0 && status >> 16 != PTRACE_EVENT_STOP) {
		keep(s, WSTOPSIG(status));
		ptrace(PTRACE_CONT, s->tid, 0, 0);
	}
	if (status < 0)
		return -ESRCH;
	return ptrace(PTRACE_GETREGS, s->tid, 0, &s->regs) ? -errno : 0;
}

/* Lets it run to the entry or to the exit of its next call. */
static int to_syscall(struct stopped *s)
{
	int status;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, s->tid, 0, 0))
			return -errno;
		status = wait_stop(s);
		if (status < 0)
			return -ESRCH;
		if (WSTOPSIG(status) == SYSCALL_STOP)
			return 0;
		if (status >> 16 != PTRACE_EVENT_STOP)
			keep(s, WSTOPSIG(status));
	}
}

/* A call of its own, made with the instruction that it stands behind. */
static long inject(struct stopped *s, long nr, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e,
		   unsigned long f)
{
	struct user_regs_struct regs = s->regs;
	int err;

	regs.rip -= SYSCALL_SIZE;
	regs.orig_rax = -1; /* nothing is to be made again */
	regs.rax = nr;
	regs.rdi = a;
	regs.rsi = b;
	regs.rdx = c;
	regs.r10 = d;
	regs.r8 = e;
	regs.r9 = f;
	if (ptrace(PTRACE_SETREGS, s->tid, 0, &regs))
		return -errno;
	err = to_syscall(s);
	if (!err)
		err = to_syscall(s);
	if (!err && ptrace(PTRACE_GETREGS, s->tid, 0, &regs))
		err = -errno;
	return err ? err : (long)regs.rax;
}

static void go_on(struct stopped *s, int process)
{
	int i;

	if (s->gone)
		return;
	ptrace(PTRACE_DETACH, s->tid, 0, 0);
	for (i = 0; i < s->count; i++)
		syscall(SYS_tgkill, process, s->tid, s->signals[i]);
}

static void go_on_with(struct stopped *s, int process, long value)
{
	s->regs.rax = value;
	s->regs.orig_rax = -1;
	if (!s->gone)
		ptrace(PTRACE_SETREGS, s->tid, 0, &s->regs);
	go_on(s, process);
}

static int failed(long value)
{
	return value < 0 && value >= -4095;
}

static long map_pieces(struct stopped *s, const struct ddekit_call *call, unsigned long size, const struct ddekit_piece *pieces,
		       unsigned int n)
{
	const unsigned long *a = call->args;
	unsigned long passes = (uintptr_t)ddekit__program_passes;
	long at, err = 0;
	unsigned int i;

	at = inject(s, SYS_mmap, a[0], size, PROT_NONE, (a[3] & ~(unsigned long)MAP_TYPE) | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (failed(at))
		return at;
	for (i = 0; i < n && !failed(err); i++)
		err = inject(s, SYS_mmap, at + pieces[i].at, pieces[i].size, a[2], (a[3] & MAP_TYPE) | MAP_FIXED, FILTER_MAP_FD,
			     pieces[i].offset);
	if (failed(err)) {
		inject(s, SYS_munmap, at, size, 0, 0, 0, passes);
		return err;
	}
	return at;
}

static int in_call(const struct stopped *s)
{
	long code;

	errno = 0;
	code = ptrace(PTRACE_PEEKTEXT, s->tid, s->regs.rip - SYSCALL_SIZE, 0);
	return !errno && (code & 0xffff) == SYSCALL && s->regs.orig_rax == SYS_mmap && (long)s->regs.rax == -ERESTARTSYS;
}

static long map(const struct ddekit_call *call, int process, unsigned long size, const struct ddekit_piece *pieces, unsigned int n)
{
	struct stopped s = { .tid = call->tid };
	unsigned int i;
	long at;
	int fd;

	for (i = 0; i < n; i++)
		if (ddekit__arena_lent(pieces[i].offset, pieces[i].size)) {
			ddekit__say("exec: mmap of coherent memory is not possible where the device has copies (uio:BDF,copy); the program gets ENODEV");
			return -ENODEV;
		}
	fd = ddekit__program_give(call->id, ddekit__arena_fd(), FILTER_MAP_FD, 1);
	if (fd < 0)
		return fd;
	at = stop(&s);
	if (at) {
		go_on(&s, process);
		return at;
	}
	if (!in_call(&s)) {
		/* It has left the call, by a signal's handler, and makes it again or not. */
		go_on(&s, process);
		return -EINTR;
	}
	at = map_pieces(&s, call, size, pieces, n);
	inject(&s, SYS_close, FILTER_MAP_FD, 0, 0, 0, 0, (uintptr_t)ddekit__program_passes);
	go_on_with(&s, process, at);
	return at;
}

/* Nobody's, or left there when a signal took the thread out of an earlier call. */
static int map_fd_free(int process)
{
	char path[40], to[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", process, FILTER_MAP_FD);
	n = readlink(path, to, sizeof(to));
	return n < (ssize_t)sizeof(ARENA_NAME) - 1 ? n < 0 : !memcmp(to, ARENA_NAME, sizeof(ARENA_NAME) - 1);
}

long ddekit_program_map(const struct ddekit_call *call, int process, unsigned long size, const struct ddekit_piece *pieces,
			unsigned int n)
{
	long at;

	ddekit__enter();
	at = map_fd_free(process) ? map(call, process, size, pieces, n) : -EMFILE;
	ddekit__leave();
	return at;
}

int ddekit_program_mapped(int process, unsigned long from, unsigned long to)
{
	char path[32], *line = NULL;
	size_t size = 0;
	unsigned long a, b;
	int found = 0;
	FILE *maps;

	ddekit__enter();
	snprintf(path, sizeof(path), "/proc/%d/maps", process);
	maps = fopen(path, "re");
	while (maps && !found && getline(&line, &size, maps) > 0)
		found = strstr(line, ARENA_NAME) && sscanf(line, "%lx-%lx", &a, &b) == 2 && a < to && b > from;
	free(line);
	if (maps)
		fclose(maps);
	ddekit__leave();
	return found;
}
