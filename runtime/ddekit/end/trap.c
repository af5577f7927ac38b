// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints that nobody owns. A debugger that is killed leaves its int3 in the text, and the next thread that comes there would end the
 * process. While a debugger is attached it gets the SIGTRAP, not we.
 *
 * The instruction is put back from the file that the text was mapped from. Async-signal-safe: no allocation, no lock.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "end/trap.h"

#define INT3 0xcc
#define JMP 0xe9 /* what the tracer writes over the first byte of a site (tracer/sites) */
#define MAPS 32
#define INSN 5

/* Text that is mapped from files: filled in once, when nothing is loaded any more. */
static struct text {
	unsigned long start, end, offset;
	char path[256];
} texts[MAPS];
static int n_texts;

static const struct text *text_at(unsigned long addr)
{
	int i;

	for (i = 0; i < n_texts; i++)
		if (addr >= texts[i].start && addr < texts[i].end)
			return &texts[i];
	return NULL;
}

static int read_file(const char *path, unsigned long offset, unsigned char *to, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = pread(fd, to, size, offset);
	close(fd);
	return n == (ssize_t)size ? 0 : -1;
}

/* The tracer may have written a jump since, whose four bytes behind the int3 then differ from the file's; another int3 does not count. */
static unsigned char original(const unsigned char *memory, const unsigned char *file)
{
	int i;

	for (i = 1; i < INSN; i++)
		if (memory[i] != file[i] && memory[i] != INT3)
			return JMP;
	return file[0];
}

static int restore(unsigned long addr)
{
	const struct text *text = text_at(addr);
	const volatile unsigned char *here = (const unsigned char *)addr;
	unsigned char file[INSN], memory[INSN], byte;
	int fd, i, err;

	if (!text || addr + INSN > text->end || read_file(text->path, text->offset + (addr - text->start), file, INSN))
		return -1;
	if (file[0] == INT3)
		return -1; /* the program's own */
	for (i = 0; i < INSN; i++)
		memory[i] = here[i];
	if (memory[0] != INT3)
		return 0; /* another thread was faster */
	byte = original(memory, file);
	fd = open("/proc/self/mem", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	err = pwrite(fd, &byte, 1, addr) == 1 ? 0 : -1;
	close(fd);
	return err;
}

static void on_trap(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;
	unsigned long addr = uc->uc_mcontext.gregs[REG_RIP] - 1;

	if (si->si_code == SI_KERNEL && !restore(addr)) {
		uc->uc_mcontext.gregs[REG_RIP] = addr;
		return;
	}
	/* A single step that a killed debugger had asked for: nobody waits for its end. */
	if (si->si_code == TRAP_TRACE)
		return;
	signal(sig, SIG_DFL);
	raise(sig);
}

static void find_texts(void)
{
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "re");

	while (maps && n_texts < MAPS && fgets(line, sizeof(line), maps)) {
		struct text *t = &texts[n_texts];
		char access[5];

		if (sscanf(line, "%lx-%lx %4s %lx %*s %*s %255s", &t->start, &t->end, access, &t->offset, t->path) == 5 && access[2] == 'x' &&
		    t->path[0] == '/')
			n_texts++;
	}
	if (maps)
		fclose(maps);
}

void ddekit__trap_init(void)
{
	struct sigaction trap = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };

	find_texts();
	sigaction(SIGTRAP, &trap, NULL);
}
