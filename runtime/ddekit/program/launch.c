// SPDX-License-Identifier: GPL-2.0-only
/*
 * Brings a program to a driver process that runs already: this executable, started a second time, becomes the program. So it is a child of
 * whoever asked for it, with that one's terminal, folder, environment and job control.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include "program/launch.h"
#include "program/program.h"

#define PATIENCE_MS 3000
#define BIND_TRIES 100
#define BIND_STEP_US 100000

static void __attribute__((noreturn, format(printf, 2, 3))) refuse(int code, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("dde-profile: exec: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(code);
}

/* The door opens when the driver has bound its devices. */
static int reach(int pid)
{
	struct sockaddr_un name;
	socklen_t n = ddekit__launch_name(&name, pid);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), i;

	if (fd < 0)
		refuse(DDEKIT_EXIT_IO, "socket: %s", strerror(errno));
	for (i = 0; connect(fd, (struct sockaddr *)&name, n); i++) {
		if (errno != ECONNREFUSED || i == BIND_TRIES || (kill(pid, 0) && errno == ESRCH))
			refuse(DDEKIT_EXIT_WORKLOAD, "driver process %d takes no program: %s", pid, strerror(errno));
		usleep(BIND_STEP_US);
	}
	return fd;
}

static void be_welcome(int fd, int pid)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char word[300];
	ssize_t n;

	if (poll(&p, 1, PATIENCE_MS) == 0)
		fprintf(stderr, "dde-profile: exec: driver process %d does not answer; is it stopped in a debugger? Ctrl-C ends the waiting\n",
			pid);
	do
		n = recv(fd, word, sizeof(word) - 1, 0);
	while (n < 0 && errno == EINTR);
	word[n > 0 ? n : 0] = 0;
	if (n <= 0)
		refuse(DDEKIT_EXIT_WORKLOAD, "driver process %d has ended", pid);
	if (strcmp(word, LAUNCH_WELCOME))
		refuse(DDEKIT_EXIT_WORKLOAD, "driver process %d: %s", pid, word);
}

static const char forbidden[] =
	"this host does not let a program's system calls be handed over (seccomp user notification): %s; Linux 5.14 or later is needed, and a "
	"container must allow seccomp()";

int ddekit__program_may_launch(void)
{
	char nothing[8];
	int pair[2], fd;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		refuse(DDEKIT_EXIT_IO, "socketpair: %s", strerror(errno));
	child = fork();
	if (!child) {
		ddekit__program_submit(pair[1], "");
		for (;;)
			pause(); /* its end would be one more call to hand over */
	}
	fd = child < 0 ? -errno : ddekit__program_take(pair[0], nothing, sizeof(nothing));
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	if (fd < 0)
		refuse(DDEKIT_EXIT_MISSING, forbidden, strerror(-fd));
	return 0;
}

void ddekit__program_launch(int argc, char **argv)
{
	int pid = argc > 2 ? atoi(argv[2]) : 0, i = 3, fd, err;
	char rules[LAUNCH_RULES] = "";
	size_t n = 0;

	for (; i + 1 < argc && !strcmp(argv[i], "--map-path"); i += 2) {
		n += snprintf(rules + n, sizeof(rules) - n, "%s\n", argv[i + 1]);
		if (n >= sizeof(rules))
			refuse(DDEKIT_EXIT_USAGE, "more rules of --map-path than there is room for");
	}
	if (pid <= 0 || i + 1 >= argc || strcmp(argv[i], "--"))
		refuse(DDEKIT_EXIT_USAGE, "usage: driver --launch PID [--map-path RULE]... -- PROGRAM [ARGUMENTS]");
	argv += i + 1;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = reach(pid);
	be_welcome(fd, pid);
	/* Where Yama lets only ancestors read a process's memory (ptrace_scope 1), that process may. Its children have to say it themselves. */
	prctl(PR_SET_PTRACER, pid);
	err = ddekit__program_submit(fd, rules);
	if (err)
		refuse(DDEKIT_EXIT_MISSING, forbidden, strerror(-err));
	execvp(argv[0], argv);
	err = errno;
	refuse(err == ENOENT ? 127 : 126, "cannot run %s: %s", argv[0],
	       err == ENOSYS ? "the driver process has ended" : strerror(err));
}
