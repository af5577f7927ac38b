// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints what the runtime makes of a program's stack. `program_stack PROGRAM [ARGS]`: the program writes a byte to descriptor 3 and then waits in a
 * system call; one line: its functions, outermost first. `program_stack --map FILE`: the file is mapped to be executed, and asked for names.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ddekit/program.h>
#include "host/cpu.h"
#include "program/program.h"
#include "program/symbols.h"

struct ddekit_cpu ddekit_cpu;

static int names_of(const char *file)
{
	int fd = open(file, O_RDONLY);
	unsigned long start, at;
	unsigned int named = 0;
	struct stat st;
	char *map;

	if (fd < 0 || fstat(fd, &st))
		return 1;
	map = mmap(NULL, st.st_size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return 1;
	ddekit__program_regions(getpid(), (unsigned long)map);
	for (at = 0; at < (unsigned long)st.st_size; at += 61) {
		unsigned int frame = ddekit__program_function((unsigned long)map + at, &start);

		named += *ddekit__program_name(frame) && *ddekit__program_name(frame) != '[';
		ddekit__program_text((unsigned long)map + at, 8);
	}
	printf("%u\n", named);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int frames[60], n, i;
	int pipes[2], tid;
	char line[16] = "";
	pid_t pid;

	if (argc == 3 && !strcmp(argv[1], "--map"))
		return names_of(argv[2]);
	if (argc < 2 || pipe(pipes))
		return 2;
	pid = fork();
	if (!pid) {
		dup2(pipes[1], 3);
		execv(argv[1], argv + 1);
		_exit(127);
	}
	close(pipes[1]);
	if (read(pipes[0], line, sizeof(line) - 1) <= 0)
		return 3;
	tid = atoi(line);
	usleep(50000); /* it is on its way to the call */
	n = ddekit_program_stack(pid, tid, frames, 60);
	for (i = 0; i < n; i++)
		printf("%s%s", i ? ";" : "", ddekit_program_function(frames[i]));
	printf("\n");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}
