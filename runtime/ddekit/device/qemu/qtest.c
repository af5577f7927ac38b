// SPDX-License-Identifier: GPL-2.0-only
/*
 * The qtest client. Writes are posted: the line is sent and its OK consumed later; a read waits until nothing is outstanding.
 * Rules that cost hours (see ARCHITECTURE.md): read replies when send would block, or both sides wait for each other;
 * parse everything behind an awaited reply, or an IRQ line sleeps in our buffer. Called by the runner only.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include <ddet/ddetrace.h>
#include "device/qemu/qtest.h"
#include "end/exit.h"
#include "event/epoll.h"
#include "event/irq.h"
#include "host/log.h"

#define MAX_OUTSTANDING 256
#define SPIN_TICKS 60000 /* about 20 us: a reply that is on its way is cheaper to spin for than to sleep for */

uint64_t qtest_posted;
static int sock = -1;
static char in[65536];
static size_t in_len;
static unsigned int outstanding;
static uint64_t reply;
static int reply_failed;

static void gone(void)
{
	/* We have ended it ourselves, on another thread. */
	while (ddekit__ending())
		pause();
	ddekit__die(DDEKIT_EXIT_BACKEND, "QEMU went away (its message, if any, is above)");
}

static void line(char *s)
{
	if (!strncmp(s, "OK", 2)) {
		if (outstanding)
			outstanding--;
		reply = s[2] == ' ' ? strtoull(s + 3, NULL, 0) : 0;
	} else if (!strncmp(s, "IRQ raise ", 10)) {
		ddekit__irq_line(strtoul(s + 10, NULL, 10), 1);
	} else if (!strncmp(s, "IRQ lower ", 10)) {
		ddekit__irq_line(strtoul(s + 10, NULL, 10), 0);
	} else if (!strncmp(s, "FAIL", 4) || !strncmp(s, "ERR", 3)) {
		if (outstanding)
			outstanding--;
		reply_failed = 1;
		ddekit__say("QEMU answered '%s'", s);
	}
}

/* Returns 0 when there was nothing and block is not set. */
static int receive(int block)
{
	ssize_t n;
	char *start, *nl;

	do
		n = recv(sock, in + in_len, sizeof(in) - 1 - in_len, block ? 0 : MSG_DONTWAIT);
	while (n < 0 && errno == EINTR && block);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		gone();
	in_len += n;
	in[in_len] = 0;
	start = in;
	while ((nl = memchr(start, '\n', in + in_len - start))) {
		*nl = 0;
		line(start);
		start = nl + 1;
	}
	in_len = in + in_len - start;
	memmove(in, start, in_len);
	if (in_len == sizeof(in) - 1)
		ddekit__die(DDEKIT_EXIT_BACKEND, "QEMU sent a line longer than %zu bytes", sizeof(in));
	return 1;
}

static void wait_until(unsigned int limit)
{
	uint64_t start = ddet_tsc();

	while (outstanding > limit)
		receive(ddet_tsc() - start > SPIN_TICKS);
}

static void transmit(const char *buf, size_t n)
{
	while (n) {
		ssize_t k = send(sock, buf, n, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (k > 0) {
			buf += k;
			n -= k;
			continue;
		}
		if (k < 0 && (errno == EAGAIN || errno == EINTR)) {
			struct pollfd p = { .fd = sock, .events = POLLIN | POLLOUT };

			poll(&p, 1, -1);
			if (p.revents & POLLIN)
				receive(0);
			continue;
		}
		gone();
	}
	outstanding++;
}

static char *put_hex(char *p, uint64_t v)
{
	int shift = v ? 60 - (__builtin_clzll(v) & ~3) : 0;

	*p++ = '0';
	*p++ = 'x';
	for (; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[(v >> shift) & 15];
	return p;
}

uint64_t qtest_read(const char *cmd, unsigned long addr)
{
	char buf[64], *p = stpcpy(buf, cmd);

	*p++ = ' ';
	p = put_hex(p, addr);
	*p++ = '\n';
	transmit(buf, p - buf);
	wait_until(0);
	return reply;
}

void qtest_write(const char *cmd, unsigned long addr, uint64_t value, int wait)
{
	char buf[64], *p = stpcpy(buf, cmd);

	*p++ = ' ';
	p = put_hex(p, addr);
	*p++ = ' ';
	p = put_hex(p, value);
	*p++ = '\n';
	transmit(buf, p - buf);
	if (!wait)
		qtest_posted++;
	wait_until(wait ? 0 : MAX_OUTSTANDING);
}

void qtest_command(const char *cmd)
{
	reply_failed = 0;
	transmit(cmd, strlen(cmd));
	transmit("\n", 1);
	outstanding--; /* two sends, one command */
	wait_until(0);
	if (reply_failed)
		ddekit__die(DDEKIT_EXIT_BACKEND, "this QEMU refuses '%s'; QEMU 7.2 or later is needed", cmd);
}

/* Until QEMU has carried out every posted write and told of its consequences: interrupt lines are exact then. */
static void settle(unsigned int irq, int high)
{
	(void)irq;
	if (!high)
		return;
	wait_until(0);
	receive(0);
}

static void drain(void *arg)
{
	(void)arg;
	while (receive(0))
		;
}

void qtest_watch(void)
{
	ddekit__epoll_watch(sock, drain, NULL, 0);
	ddekit__irq_unmask_by(settle);
}

void qtest_open(int fd)
{
	sock = fd;
}
