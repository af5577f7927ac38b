// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs that are on the driver: one that this process has started, and others that are brought to it by a socket whose name holds this
 * process's number. A name without a file: nothing is left of it after a kill. Only the user that this process belongs to, and root, may come.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <ddekit/irq.h>
#include <ddekit/program.h>
#include "event/epoll.h"
#include "host/cpu.h"
#include "program/filter.h"
#include "program/launch.h"
#include "program/program.h"

#define MAX_COMING 8

static struct session {
	int open;
	int listener;
	char rules[LAUNCH_RULES];
} sessions[DDEKIT_PROGRAMS];
static int coming[MAX_COMING]; /* connected; what they bring is on its way. 0: none */
static int door = -1;

static void ready(void *arg)
{
	(void)arg;
	ddekit_irq_raise(DDEKIT_IRQ_PROGRAM);
}

int ddekit__program_listener(unsigned int program)
{
	return program < DDEKIT_PROGRAMS && sessions[program].open ? sessions[program].listener : -1;
}

const char *ddekit_program_rules(unsigned int program)
{
	return sessions[program].rules;
}

int ddekit__program_open(int listener, const char *rules)
{
	int i;

	for (i = 0; i < DDEKIT_PROGRAMS && sessions[i].open; i++)
		;
	if (i == DDEKIT_PROGRAMS) {
		close(listener);
		return -EUSERS;
	}
	sessions[i].open = 1;
	sessions[i].listener = listener;
	snprintf(sessions[i].rules, sizeof(sessions[i].rules), "%s", rules);
	ddekit__epoll_watch(listener, ready, NULL, 1);
	return i;
}

int ddekit_program_over(unsigned int program)
{
	struct pollfd p = { .fd = ddekit__program_listener(program), .events = 0 };
	int over;

	if (p.fd < 0)
		return 0;
	ddekit__enter();
	/* Hung up: no thread is left that has the filter. */
	over = poll(&p, 1, 0) == 1 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
	if (over) {
		close(p.fd);
		sessions[program].open = 0;
	}
	ddekit__leave();
	return over;
}

static int listen_on_name(void)
{
	struct sockaddr_un name;
	socklen_t n = ddekit__launch_name(&name, getpid());
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&name, n) || listen(fd, MAX_COMING)) {
		int err = -errno;

		close(fd);
		return err;
	}
	door = fd;
	ddekit__epoll_watch(fd, ready, NULL, 1);
	return 0;
}

int ddekit_program_listen(void)
{
	int err;

	ddekit__enter();
	err = listen_on_name();
	ddekit__leave();
	return err;
}

static int readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return fd > 0 && poll(&p, 1, 0) == 1;
}

int ddekit_program_waiting(void)
{
	int i, waiting;

	ddekit__enter();
	waiting = readable(door);
	for (i = 0; i < MAX_COMING; i++)
		waiting |= readable(coming[i]);
	ddekit__leave();
	return waiting;
}

static const char *why_not(int fd)
{
	struct ucred who;
	socklen_t n = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) || (who.uid != geteuid() && who.uid != 0))
		return "the driver process belongs to another user";
	return NULL;
}

/* The word that they wait for: after it they put the filter on themselves. */
static void greet(int fd, const char *refusal)
{
	int i;

	for (i = 0; i < MAX_COMING && coming[i]; i++)
		;
	if (!refusal)
		refusal = why_not(fd);
	if (!refusal && i == MAX_COMING)
		refusal = "too many programs come at once";
	if (!refusal && send(fd, LAUNCH_WELCOME, sizeof(LAUNCH_WELCOME) - 1, MSG_NOSIGNAL) > 0) {
		coming[i] = fd;
		ddekit__epoll_watch(fd, ready, NULL, 1);
		return;
	}
	if (refusal)
		send(fd, refusal, strlen(refusal), MSG_NOSIGNAL);
	close(fd);
}

static int admit(const char *refusal)
{
	char rules[LAUNCH_RULES];
	int i, fd;

	while (door >= 0 && (fd = accept4(door, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
		greet(fd, refusal);
	for (i = 0; i < MAX_COMING; i++) {
		if (!coming[i])
			continue;
		fd = ddekit__program_take(coming[i], rules, sizeof(rules));
		if (fd == -EAGAIN)
			continue;
		close(coming[i]);
		coming[i] = 0;
		if (fd >= 0)
			return ddekit__program_open(fd, rules);
	}
	return -EAGAIN;
}

int ddekit_program_admit(const char *refusal)
{
	int program;

	ddekit__enter();
	program = admit(refusal);
	ddekit__leave();
	return program;
}
