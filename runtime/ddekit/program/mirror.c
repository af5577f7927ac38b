// SPDX-License-Identifier: GPL-2.0-only
/*
 * A descriptor that stands for one here and that the host's epoll can wait for: one end of a pair of sockets, whose readiness is made to be
 * that of the file here. Readable: a byte lies in it. Not writable: what it has sent fills the little that it may send. Hung up: the other end
 * is shut. Nobody reads or writes it in the program, as those calls are brought here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ddekit/program.h>
#include "host/cpu.h"
#include "program/program.h"

#define MAX_MIRRORS 256
#define MANY 64 /* bytes in it before it is emptied */
#define FILL 2048 /* more than a quarter of the least send buffer: it is not writable then */

static struct mirror {
	int used, theirs, peer; /* sockets */
	unsigned long long inode; /* of theirs */
	int bytes, full, hung, urgent;
} mirrors[MAX_MIRRORS];

static int is_cloexec(int process, int fd)
{
	char path[48], text[256], *at;
	unsigned int flags = 0;
	ssize_t n = 0;
	int info;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", process, fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	if (info >= 0) {
		n = read(info, text, sizeof(text) - 1);
		close(info);
	}
	text[n > 0 ? n : 0] = 0;
	at = strstr(text, "flags:");
	return at && sscanf(at, "flags: %o", &flags) == 1 && (flags & O_CLOEXEC);
}

static int make(struct mirror *m, unsigned long long id, int process, int fd)
{
	int pair[2], little = 1, err;
	struct stat st;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return -errno;
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &little, sizeof(little));
	err = fstat(pair[0], &st) ? -errno : ddekit__program_give(id, pair[0], fd, is_cloexec(process, fd));
	if (err < 0) {
		close(pair[0]);
		close(pair[1]);
		return err;
	}
	*m = (struct mirror){ .used = 1, .theirs = pair[0], .peer = pair[1], .inode = st.st_ino };
	return 0;
}

int ddekit_program_mirror(unsigned long long id, int process, int fd)
{
	int i, err;

	for (i = 0; i < MAX_MIRRORS && mirrors[i].used; i++)
		;
	if (i == MAX_MIRRORS)
		return -ENOSPC;
	ddekit__enter();
	err = make(&mirrors[i], id, process, fd);
	ddekit__leave();
	return err ? err : i;
}

int ddekit_program_mirror_also(int mirror, unsigned long long id, int process, int fd)
{
	int err;

	ddekit__enter();
	err = ddekit__program_give(id, mirrors[mirror].theirs, fd, is_cloexec(process, fd));
	ddekit__leave();
	return err < 0 ? err : 0;
}

static void empty(int socket)
{
	char bytes[256];

	while (recv(socket, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static void readable(struct mirror *m, int on, int again)
{
	char byte = 0;

	if (m->bytes && (!on || m->bytes > MANY)) {
		empty(m->theirs);
		m->bytes = 0;
	}
	/* One more byte is an edge for who waits for edges. */
	if (on && (!m->bytes || again) && send(m->peer, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
		m->bytes++;
}

static void writable(struct mirror *m, int on)
{
	static const char fill[FILL];

	if (on && m->full) {
		empty(m->peer);
		m->full = 0;
	} else if (!on && !m->full) {
		m->full = send(m->theirs, fill, sizeof(fill), MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
	}
}

static void urgent(struct mirror *m, int on)
{
	char byte;

	if (on && !m->urgent)
		m->urgent = send(m->peer, "!", 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
	else if (!on && m->urgent)
		m->urgent = recv(m->theirs, &byte, 1, MSG_OOB | MSG_DONTWAIT) != 1;
}

void ddekit_program_mirror_set(int mirror, short events, int again)
{
	struct mirror *m = &mirrors[mirror];

	ddekit__enter();
	if (events & (POLLHUP | POLLERR)) {
		if (!m->hung)
			shutdown(m->peer, SHUT_RDWR);
		m->hung = 1;
	} else if (!m->hung) {
		urgent(m, events & POLLPRI);
		readable(m, events & POLLIN, again);
		writable(m, events & POLLOUT);
	}
	ddekit__leave();
}

void ddekit_program_mirror_end(int mirror)
{
	struct mirror *m = &mirrors[mirror];

	ddekit__enter();
	close(m->theirs);
	close(m->peer);
	ddekit__leave();
	m->used = 0;
}

int ddekit__program_mirrors(const char *link)
{
	unsigned long long inode;
	int i;

	if (sscanf(link, "socket:[%llu]", &inode) != 1)
		return 0;
	for (i = 0; i < MAX_MIRRORS; i++)
		if (mirrors[i].used && mirrors[i].inode == inode)
			return 1;
	return 0;
}
