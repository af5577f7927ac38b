// SPDX-License-Identifier: GPL-2.0-only
/* Who owns a session, and what happens when the owner ends in whatever way. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftest.h"

static void child_is_not_owner(void)
{
	int fd = device_start(), status = -1;
	char *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	pid_t child;
	uint64_t dma;

	*at = 1;
	child = fork();
	if (!child) {
		if (map(fd, &status, 4, 0, &dma) != -1 || errno != EPERM)
			_exit(1);
		if (ioctl(fd, UIO_DMA_IOC_STOP) != -1 || errno != EPERM)
			_exit(2);
		if (query(fd).state & UIO_DMA_STATE_OWNER)
			_exit(3);
		/* The memory is not in a child's address space. */
		_exit(msync(at, PAGE, MS_ASYNC) != -1 || errno != ENOMEM);
	}
	waitpid(child, &status, 0);
	check(!status, "a child is not the owner (status %#x)", status);
	check(*at == 1 && query(fd).state & UIO_DMA_STATE_OWNER, "the parent still is");
	munmap(at, PAGE);
	close(fd);
}

/* Maps all kinds of things and tells the parent over the pipe that it did. */
static void be_owner(int fd, int tell, size_t count)
{
	char *buffer = pages(count);
	uint64_t dma;
	bool good = !start(fd, mode, 32) && !ioctl(fd, UIO_DMA_IOC_MASTER, 1);

	for (size_t i = 0; good && i < count; i++)
		good = !map(fd, buffer + i * PAGE + i % 7, 2000, i % 3, &dma);
	for (int i = 0; good && i < 4; i++) {
		char *at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		good = at != MAP_FAILED;
		if (good)
			*at = 1;
	}
	if (write(tell, good ? "y" : "n", 1) != 1)
		_exit(1);
}

enum ending { KILLED, EXITED, SEGFAULT, EXECED, ENDINGS };
static const char *const names[] = { "kill -9", "exit", "a segmentation fault", "exec" };

static void owner_ends(enum ending how)
{
	volatile uintptr_t nowhere = 8;
	int fd = device_open(), pipes[2], status;
	struct uio_dma_query q;
	char told = 0;
	pid_t child;

	if (pipe(pipes))
		abort();
	fcntl(fd, F_SETFD, 0);
	child = fork();
	if (!child) {
		be_owner(fd, pipes[1], 50);
		if (how == EXITED)
			_exit(0);
		if (how == SEGFAULT)
			*(volatile int *)nowhere = 1;
		if (how == EXECED)
			execl("/bin/sleep", "sleep", "100", NULL);
		pause();
		_exit(9);
	}
	check(read(pipes[0], &told, 1) == 1 && told == 'y', "an owner");
	if (how == KILLED)
		kill(child, SIGKILL);
	if (how != EXECED)
		waitpid(child, &status, 0);
	/* After exec the process lives on, with the file: its memory is gone all the same. */
	for (int i = 0; i < 100 && query(fd).state; i++)
		usleep(20000);
	q = query(fd);
	check(!q.state && !q.mappings && !q.coherent && !q.bytes && !q.pinned_pages,
	      "after %s all is undone, though the file is open", names[how]);
	check(!(config_command() & 4), "bus mastering is off");
	check_errno(start(fd, mode, 32), 0, "the next owner starts");
	if (how == EXECED) {
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
	}
	check(query(fd).state & UIO_DMA_STATE_OWNER, "and stays");
	close(fd);
	close(pipes[0]);
	close(pipes[1]);
}

/* At random moments, also amidst a map. */
static void killed_amidst(int rounds)
{
	int fd = device_open();
	bool clean = true;

	for (int i = 0; i < rounds; i++) {
		pid_t child = fork();

		if (!child) {
			char *buffer = pages(64);
			uint64_t dma[64];

			start(fd, mode, 32);
			ioctl(fd, UIO_DMA_IOC_MASTER, 1);
			for (;;) {
				for (int k = 0; k < 64; k++)
					map(fd, buffer + k * 60, 3000, k % 3, &dma[k]);
				for (int k = 0; k < 64; k++)
					unmap(fd, dma[k], 3000, k % 3);
			}
		}
		usleep(3000 + rand() % 30000);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		clean = clean && !query(fd).state && !query(fd).bytes && !query(fd).pinned_pages;
	}
	check(clean, "%d times killed amidst its work, nothing is left", rounds);
	close(fd);
}

void test_owner(void)
{
	const char *rounds = getenv("UIO_DMA_KILLS");

	child_is_not_owner();
	for (enum ending how = KILLED; how < ENDINGS; how++)
		owner_ends(how);
	killed_amidst(rounds ? atoi(rounds) : 10);
}
