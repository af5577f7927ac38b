// SPDX-License-Identifier: GPL-2.0-only
/* The calls that are brought here: taken, answered; descriptors and memory of the program. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <ddekit/program.h>
#include "host/cpu.h"
#include "program/program.h"

/* How the descriptors that stand for one here show in /proc/PID/fd. */
#define MARK "dde-profile:"

/* The kernel may have larger structures than the headers of the build. */
static union {
	struct seccomp_notif notif;
	struct seccomp_notif_resp resp;
	char room[512];
} buffer;

static int of_listener(int fd, unsigned long request, void *what)
{
	int err;

	do
		err = ioctl(fd, request, what);
	while (err < 0 && errno == EINTR);
	return err < 0 ? -errno : err;
}

/* Of the call that @what begins with. Numbers of calls are random with 64 bits: who does not know it has not given it. */
static int control(unsigned long request, void *what)
{
	int err = -ENOENT, fd;
	unsigned int i;

	for (i = 0; i < DDEKIT_PROGRAMS && err == -ENOENT; i++) {
		fd = ddekit__program_listener(i);
		if (fd >= 0)
			err = of_listener(fd, request, what);
	}
	return err;
}

static int receive(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (fd >= 0 && poll(&p, 1, 0) == 1 && (p.revents & POLLIN)) {
		memset(&buffer, 0, sizeof(buffer));
		/* ENOENT: it was killed in between. */
		if (!of_listener(fd, SECCOMP_IOCTL_NOTIF_RECV, &buffer.notif))
			return 1;
	}
	return 0;
}

int ddekit_program_call(struct ddekit_call *call)
{
	/* In turn: a program that calls all the time must not keep the others waiting. */
	static unsigned int last;
	unsigned int i, at;
	int got = 0, k;

	ddekit__enter();
	for (i = 1; !got && i <= DDEKIT_PROGRAMS; i++) {
		at = (last + i) % DDEKIT_PROGRAMS;
		got = receive(ddekit__program_listener(at));
		if (!got)
			continue;
		last = at;
		call->id = buffer.notif.id;
		call->tid = buffer.notif.pid;
		call->program = at;
		call->nr = buffer.notif.data.nr;
		for (k = 0; k < 6; k++)
			call->args[k] = buffer.notif.data.args[k];
	}
	ddekit__leave();
	return got;
}

int ddekit_program_waits(unsigned long long id)
{
	__u64 it = id;
	int err;

	ddekit__enter();
	err = control(SECCOMP_IOCTL_NOTIF_ID_VALID, &it);
	ddekit__leave();
	return !err;
}

static int answer(unsigned long long id, long value, int error, unsigned int flags)
{
	int err;

	ddekit__enter();
	memset(&buffer, 0, sizeof(buffer));
	buffer.resp = (struct seccomp_notif_resp){ .id = id, .val = value, .error = error, .flags = flags };
	err = control(SECCOMP_IOCTL_NOTIF_SEND, &buffer.resp);
	ddekit__leave();
	return err;
}

int ddekit_program_reply(unsigned long long id, long value)
{
	int failed = value < 0 && value >= -4095;

	return answer(id, failed ? 0 : value, failed ? value : 0, 0);
}

int ddekit_program_continue(unsigned long long id)
{
	return answer(id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

int ddekit__program_give(unsigned long long id, int fd, int at, int cloexec)
{
	struct seccomp_notif_addfd add = { .id = id, .srcfd = fd, .newfd_flags = cloexec ? O_CLOEXEC : 0 };

	if (at >= 0) {
		add.flags = SECCOMP_ADDFD_FLAG_SETFD;
		add.newfd = at;
	}
	return control(SECCOMP_IOCTL_NOTIF_ADDFD, &add);
}

int ddekit_program_descriptor(unsigned long long id, const char *name, int at, int cloexec)
{
	char text[200];
	int fd, number;

	ddekit__enter();
	snprintf(text, sizeof(text), MARK "%s", name);
	fd = memfd_create(text, MFD_CLOEXEC);
	if (fd < 0) {
		number = -errno;
	} else {
		number = ddekit__program_give(id, fd, at, cloexec);
		close(fd);
	}
	ddekit__leave();
	return number;
}

static ssize_t link_of(int process, int fd, char *to, size_t size)
{
	char path[48];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", process, fd);
	n = readlink(path, to, size - 1);
	if (n >= 0)
		to[n] = 0;
	return n;
}

int ddekit_program_stands(int process, int fd)
{
	static const char mark[] = "/memfd:" MARK;
	char to[64];
	ssize_t n;

	ddekit__enter();
	n = link_of(process, fd, to, sizeof(to));
	ddekit__leave();
	return n > 0 && (!strncmp(to, mark, sizeof(mark) - 1) || ddekit__program_mirrors(to));
}

int ddekit_program_mirrored(int process, int fd)
{
	char to[64];
	ssize_t n;

	ddekit__enter();
	n = link_of(process, fd, to, sizeof(to));
	ddekit__leave();
	return n > 0 && ddekit__program_mirrors(to);
}

int ddekit_program_cwd(int tid, char *to, unsigned int size)
{
	char path[40];
	ssize_t n;

	ddekit__enter();
	snprintf(path, sizeof(path), "/proc/%d/cwd", tid);
	n = readlink(path, to, size - 1);
	ddekit__leave();
	to[n > 0 ? n : 0] = 0;
	return n > 0 ? (int)n : -ENOENT;
}

int ddekit_program_host_has(const char *path)
{
	int has;

	ddekit__enter();
	has = access(path, F_OK) == 0;
	ddekit__leave();
	return has;
}

int ddekit_program_free(int process, int from)
{
	char to[8];

	ddekit__enter();
	while (link_of(process, from, to, sizeof(to)) >= 0)
		from++;
	ddekit__leave();
	return from;
}

static short poll_there(int process, int fd, short events)
{
	struct pollfd p = { .events = events };
	int pidfd = syscall(SYS_pidfd_open, process, 0);

	if (pidfd < 0)
		return POLLNVAL;
	p.fd = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	close(pidfd);
	if (p.fd < 0)
		return POLLNVAL;
	poll(&p, 1, 0);
	close(p.fd);
	return p.revents;
}

short ddekit_program_poll(int process, int fd, short events)
{
	short now;

	ddekit__enter();
	now = poll_there(process, fd, events);
	ddekit__leave();
	return now;
}

static unsigned long copy(int tid, void *here, unsigned long there, unsigned long n, int write)
{
	unsigned long done = 0;

	ddekit__enter();
	while (done < n) {
		struct iovec local = { (char *)here + done, n - done }, remote = { (void *)(there + done), n - done };
		ssize_t some = syscall(write ? SYS_process_vm_writev : SYS_process_vm_readv, tid, &local, 1, &remote, 1, 0);

		if (some < 0 && errno == EINTR)
			continue;
		if (some <= 0)
			break;
		done += some;
	}
	ddekit__leave();
	return n - done;
}

unsigned long ddekit_program_read(int tid, void *to, unsigned long from, unsigned long n)
{
	return copy(tid, to, from, n, 0);
}

unsigned long ddekit_program_write(int tid, unsigned long to, const void *from, unsigned long n)
{
	return copy(tid, (void *)from, to, n, 1);
}
