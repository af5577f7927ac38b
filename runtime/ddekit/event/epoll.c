// SPDX-License-Identifier: GPL-2.0-only
/* One epoll set for all sources of events: one system call per wake-up. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include <ddekit/exit_codes.h>
#include "event/epoll.h"
#include "host/log.h"

#define MAX_SOURCES 128

static struct source {
	void (*ready)(void *arg);
	void *arg;
} sources[MAX_SOURCES];
static unsigned int count;
static int epoll_fd = -1;

void ddekit__epoll_wait(int timeout_ms)
{
	struct epoll_event ev[64];
	int i, n;

	n = epoll_wait(epoll_fd, ev, 64, timeout_ms);
	for (i = 0; i < n; i++) {
		const struct source *s = ev[i].data.ptr;

		s->ready(s->arg);
	}
}

void ddekit__epoll_watch(int fd, void (*ready)(void *arg), void *arg, int edge)
{
	struct epoll_event ev = { .events = EPOLLIN | (edge ? EPOLLET : 0) };
	unsigned int i;

	/* Descriptors that come and go, a program's, share one. */
	for (i = 0; i < count && (sources[i].ready != ready || sources[i].arg != arg); i++)
		;
	if (i == MAX_SOURCES)
		ddekit__die(DDEKIT_EXIT_IO, "more than %d sources of events", MAX_SOURCES);
	sources[i] = (struct source){ ready, arg };
	count += i == count;
	ev.data.ptr = &sources[i];
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		ddekit__die(DDEKIT_EXIT_IO, "epoll_ctl: %s", strerror(errno));
}

void ddekit__epoll_init(void)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		ddekit__die(DDEKIT_EXIT_IO, "cannot create event descriptors: %s", strerror(errno));
}
