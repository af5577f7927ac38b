// SPDX-License-Identifier: GPL-2.0-only
/*
 * The C stack of the program at a call. Without its registers (they are to be had by stopping it only) and without trust in frame pointers: the
 * stack is searched for return addresses, each of which is checked. The bytes before it must be a call, and a call that names its target must
 * name the function that the address before it is in, directly or by the linker's table (PLT). So words that were left behind are told from frames.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <ddekit/program.h>
#include "host/cpu.h"
#include "program/program.h"
#include "program/symbols.h"

#define DEEPEST 60
#define WORDS 4096
#define SOME_WORDS 512 /* are read at a time */
#define WINDOW 2048 /* words of one frame */
#define PAGE 4096
#define TAIL 64 /* bytes of a function that only hands on */

static unsigned long words[WORDS];
static unsigned int have; /* of them */
static unsigned long stack_at; /* where they are in the program */

static int place(int tid, unsigned long *sp, unsigned long *pc)
{
	char path[48], text[256];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = 0;
	return sscanf(text, "%*d %*x %*x %*x %*x %*x %*x %lx %lx", sp, pc) == 2;
}

/* The next words, not beyond a page: what lies behind it may not be there. */
static int read_more(int tid)
{
	unsigned long at = stack_at + have * sizeof(*words), left = PAGE - at % PAGE;
	struct iovec local = { words + have, SOME_WORDS * sizeof(*words) }, remote = { (void *)at, 0 };
	ssize_t got;

	if (have + SOME_WORDS > WORDS)
		return 0;
	remote.iov_len = left < local.iov_len ? left : local.iov_len;
	got = process_vm_readv(tid, &local, 1, &remote, 1, 0);
	if (got < (ssize_t)sizeof(*words))
		return 0;
	have += got / sizeof(*words);
	return 1;
}

static unsigned long word_at(int tid, unsigned long at)
{
	unsigned long word = 0;
	struct iovec local = { &word, sizeof(word) }, remote = { (void *)at, sizeof(word) };

	return process_vm_readv(tid, &local, 1, &remote, 1, 0) == sizeof(word) ? word : 0;
}

static unsigned long relative(const unsigned char *code, unsigned long next)
{
	int distance;

	memcpy(&distance, code, sizeof(distance));
	return next + distance;
}

/* Where a call of @target ends up: behind an entry of the PLT, if it is one. */
static unsigned long behind_plt(int tid, unsigned long target)
{
	const unsigned char *code = ddekit__program_text(target, 12);
	unsigned int i = 0;

	if (!code)
		return target;
	if (!memcmp(code, "\xf3\x0f\x1e\xfa", 4)) /* endbr64 */
		i = 4;
	if (code[i] == 0xf2) /* bnd */
		i++;
	if (code[i] != 0xff || code[i + 1] != 0x25) /* jmp *there(%rip) */
		return target;
	return word_at(tid, relative(code + i + 2, target + i + 6));
}

/* The function at @target ends in a jump to @callee, whose return address is then that of the call before. */
static int jumps_to(int tid, unsigned long target, unsigned long callee)
{
	const unsigned char *c;
	unsigned int i;

	for (i = 0; i < TAIL; i++) {
		unsigned long to;

		c = ddekit__program_text(target + i, 5);
		if (!c)
			return 0;
		if (c[0] != 0xe9)
			continue;
		to = relative(c + 1, target + i + 5);
		if (to == callee || behind_plt(tid, to) == callee)
			return 1;
	}
	return 0;
}

/* What starts main(). */
static int is_start(const char *name)
{
	return !strcmp(name, "__libc_start_main") || !strcmp(name, "__libc_start_call_main") || !strcmp(name, "_start");
}

enum { NO_CALL,
       SOME_CALL,
       THE_CALL };

/* What stands before a return address: a call of the function that begins at @callee (0: not known)? */
static int call_before(int tid, unsigned long pc, unsigned long callee)
{
	const unsigned char *c = pc > 8 ? ddekit__program_text(pc - 8, 8) : NULL;
	unsigned long target = 0;

	if (!c)
		return NO_CALL;
	if (c[3] == 0xe8)
		target = behind_plt(tid, relative(c + 4, pc));
	else if (c[2] == 0xff && c[3] == 0x15)
		target = word_at(tid, relative(c + 4, pc));
	if (target)
		return !callee ? SOME_CALL : target == callee || jumps_to(tid, target, callee) ? THE_CALL
											       : NO_CALL;
	/* By a register or a pointer in memory: ff /2 with 0, 1 or 4 bytes of distance, with or without a byte SIB. */
	if ((c[6] == 0xff && (c[7] & 0x38) == 0x10) || (c[5] == 0xff && (c[6] & 0x38) == 0x10) || (c[4] == 0xff && (c[5] & 0x38) == 0x10) ||
	    (c[2] == 0xff && (c[3] & 0x38) == 0x10) || (c[1] == 0xff && (c[2] & 0x38) == 0x10))
		return SOME_CALL;
	return NO_CALL;
}

/* The next return address from @from on; its place, or -1. */
static int next_frame(int tid, int from, unsigned long callee)
{
	int i, some = -1;

	for (i = from; i < from + WINDOW && (i < (int)have || read_more(tid)); i++) {
		switch (call_before(tid, words[i], callee)) {
		case THE_CALL:
			return i;
		case SOME_CALL:
			if (some < 0)
				some = i;
		}
	}
	return some;
}

static unsigned int walk(int process, int tid, unsigned int *frames, unsigned int max)
{
	unsigned long sp, pc, start;
	unsigned int n = 0, frame;
	int at = 0;

	if (!place(tid, &sp, &pc))
		return 0;
	ddekit__program_regions(process, pc);
	stack_at = sp;
	have = 0;
	for (;;) {
		frame = ddekit__program_function(pc, &start);
		if (is_start(ddekit__program_name(frame)))
			return n && !strncmp(ddekit__program_name(frames[n - 1]), "[libc", 5) ? n - 1 : n;
		if (frame && !(n && frames[n - 1] == frame && !start))
			frames[n++] = frame;
		if (n == max || !frame || !strcmp(ddekit__program_name(frame), "main"))
			return n;
		at = next_frame(tid, at, start);
		if (at < 0)
			return n;
		pc = words[at++];
	}
}

unsigned int ddekit_program_stack(int process, int tid, unsigned int *frames, unsigned int max)
{
	unsigned int n, i;

	ddekit__enter();
	n = walk(process, tid, frames, max < DEEPEST ? max : DEEPEST);
	ddekit__leave();
	for (i = 0; i < n / 2; i++) {
		unsigned int outer = frames[n - 1 - i];

		frames[n - 1 - i] = frames[i];
		frames[i] = outer;
	}
	return n;
}

const char *ddekit_program_function(unsigned int frame)
{
	return ddekit__program_name(frame);
}
