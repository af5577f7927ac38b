// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start and end of the program. A thread of the host's own forks: the stacks of the kernel's threads lie in memory that is shared with
 * QEMU, and a child would run on its parent's. It then waits for the program for as long as that lives: PR_SET_PDEATHSIG is about the thread
 * that forked. The program is a child of this process: where Yama lets only ancestors read a process's memory (ptrace_scope 1)
 * that is what makes it readable, children of the program included.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ddekit/irq.h>
#include <ddekit/program.h>
#include "host/cpu.h"
#include "host/log.h"
#include "host/options.h"
#include "program/program.h"

static pid_t program;
static int ended;

static void __attribute__((noreturn)) child(int to)
{
	const struct ddekit_options *o = &ddekit__options;
	sigset_t none;
	int i, err;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 1; i < 32; i++)
		if (i != SIGKILL && i != SIGSTOP)
			signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (o->program_fd >= 0)
		for (i = 0; i < 3; i++)
			dup2(o->program_fd + i, i);
	err = ddekit__program_submit(to, "");
	if (err)
		_exit(126);
	execvp(o->program[0], o->program);
	dprintf(2, "dde: cannot run %s: %s\n", o->program[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static int pair[2];
static pthread_t starter;
static sem_t forked;
static atomic_int over;
static int wait_status;

static void *fork_and_wait(void *unused)
{
	(void)unused;
	program = fork();
	if (!program)
		child(pair[1]);
	if (program < 0)
		program = -errno;
	close(pair[1]);
	sem_post(&forked);
	if (program <= 0)
		return NULL;
	/* Its stops by map.c are not this thread's. */
	while (waitpid(program, &wait_status, __WNOTHREAD) < 0 && errno == EINTR)
		;
	atomic_store(&over, 1);
	ddekit_irq_raise(DDEKIT_IRQ_PROGRAM);
	return NULL;
}

/* No signal is for it: the timer's is the virtual CPU's. */
static int start_thread(void)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&starter, NULL, fork_and_wait, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -err;
}

static int start(void)
{
	char nothing[8];
	int fd, err;

	if (!ddekit__options.program[0])
		return -ENOENT;
	if (program)
		return -EALREADY;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	sem_init(&forked, 0, 0);
	err = start_thread();
	if (err)
		return err;
	while (sem_wait(&forked) && errno == EINTR)
		;
	if (program < 0)
		return program;
	fd = ddekit__program_take(pair[0], nothing, sizeof(nothing));
	close(pair[0]);
	if (fd >= 0)
		fd = ddekit__program_open(fd, ddekit__options.map_paths);
	if (fd < 0)
		kill(program, SIGKILL);
	return fd;
}

int ddekit_program_start(void)
{
	int err;

	ddekit__enter();
	err = start();
	ddekit__leave();
	return err;
}

int ddekit_program_ended(int *status)
{
	if (ended || !atomic_load(&over))
		return 0;
	ended = 1;
	*status = wait_status;
	return 1;
}

void ddekit_program_signal(int process, int tid, int sig)
{
	ddekit__enter();
	if (tid)
		syscall(SYS_tgkill, process, tid, sig);
	else
		kill(process, sig);
	ddekit__leave();
}

/* Its process group holds what it started, unless that made groups of its own. */
void ddekit_program_kill(int sig)
{
	if (program <= 0)
		return;
	ddekit__enter();
	kill(-program, sig);
	ddekit__leave();
}

static int field(int pid, const char *name)
{
	char path[40], text[2048], *at;
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -ESRCH;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -ESRCH;
	text[n] = 0;
	at = strstr(text, name);
	if (!at)
		return -ESRCH;
	at += strlen(name);
	while (*at == '\t' || *at == ' ')
		at++;
	return *at >= '0' && *at <= '9' ? atoi(at) : *at;
}

int ddekit_program_process(int tid, int *parent)
{
	int process;

	ddekit__enter();
	process = field(tid, "\nTgid:");
	*parent = field(tid, "\nPPid:");
	ddekit__leave();
	return process;
}

int ddekit_program_alive(int process)
{
	int state;

	ddekit__enter();
	state = field(process, "\nState:");
	ddekit__leave();
	return state > 0 && state != 'Z' && state != 'X';
}

void ddekit_program_name(int tid, char *name, unsigned int size)
{
	char path[40];
	ssize_t n = -1;
	int fd;

	ddekit__enter();
	snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, name, size - 1);
		close(fd);
	}
	ddekit__leave();
	name[n > 0 ? n : 0] = 0;
	name[strcspn(name, "\n")] = 0;
}
