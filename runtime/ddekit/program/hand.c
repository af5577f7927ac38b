// SPDX-License-Identifier: GPL-2.0-only
/* How the filter's descriptor comes from the program to this side: in the one message that the filter itself lets pass. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "program/filter.h"
#include "program/program.h"

union fd_message {
	char room[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

/* Not on a stack: the filter knows this address. */
static struct msghdr handed;
const void *const ddekit__program_passes = &handed;

int ddekit__program_hand(int to, int fd, const char *text)
{
	static union fd_message control;
	static unsigned char failed;
	static struct iovec iov[2];
	struct cmsghdr *c;

	failed = fd < 0 ? -fd : 0;
	iov[0] = (struct iovec){ &failed, 1 };
	iov[1] = (struct iovec){ (void *)text, strlen(text) };
	handed = (struct msghdr){ .msg_iov = iov, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control) };
	c = CMSG_FIRSTHDR(&handed);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	if (fd < 0)
		handed.msg_control = NULL, handed.msg_controllen = 0;
	return syscall(SYS_sendmsg, to, &handed, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int ddekit__program_take(int from, char *text, unsigned int size)
{
	union fd_message control;
	unsigned char failed = 0;
	struct iovec iov[2] = { { &failed, 1 }, { text, size - 1 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t n;
	int fd;

	do
		n = recvmsg(from, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	text[n > 0 ? n - 1 : 0] = 0;
	if (n < 0 && errno == EAGAIN)
		return -EAGAIN;
	c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len < CMSG_LEN(sizeof(int)))
		return n > 0 && failed ? -failed : -EIO;
	memcpy(&fd, CMSG_DATA(c), sizeof(int));
	if (!(m.msg_flags & (MSG_CTRUNC | MSG_TRUNC)))
		return fd;
	close(fd);
	return -EIO;
}

int ddekit__program_submit(int to, const char *text)
{
	struct rlimit nofile;
	int fd, err;

	if (!getrlimit(RLIMIT_NOFILE, &nofile)) {
		nofile.rlim_cur = nofile.rlim_max < DDEKIT_PROGRAM_NOFILE ? nofile.rlim_max : DDEKIT_PROGRAM_NOFILE;
		setrlimit(RLIMIT_NOFILE, &nofile);
	}
	fd = ddekit__program_filter(&handed);
	err = ddekit__program_hand(to, fd, text);
	if (fd < 0)
		return fd;
	syscall(SYS_close, fd);
	return err;
}
