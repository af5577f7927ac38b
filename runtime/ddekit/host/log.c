// SPDX-License-Identifier: GPL-2.0-only
/* Console, messages and results: whole lines, written at once, so that those of several threads do not mix. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ddekit/host.h>
#include "host/cpu.h"
#include "host/log.h"

static int result_fd = -1;

void (*ddekit__end)(int code) = _exit;

static void write_all(int fd, const char *s, size_t n)
{
	while (n) {
		ssize_t k = write(fd, s, n);

		if (k < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (k <= 0)
			return; /* the reader is gone; the run itself goes on */
		s += k;
		n -= k;
	}
}

void ddekit_console_write(const char *s, unsigned int n)
{
	ddekit__enter();
	write_all(2, s, n);
	ddekit__leave();
}

void ddekit__log_results(int fd)
{
	result_fd = fd;
}

void ddekit_result(const char *json)
{
	if (result_fd < 0)
		return;
	ddekit__enter();
	write_all(result_fd, json, strlen(json));
	write_all(result_fd, "\n", 1);
	ddekit__leave();
}

void ddekit__say(const char *fmt, ...)
{
	char buf[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = snprintf(buf, sizeof(buf), "dde: ");
	n += vsnprintf(buf + n, sizeof(buf) - n - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(buf) - 2)
		n = sizeof(buf) - 2;
	buf[n++] = '\n';
	write_all(2, buf, n);
}

void ddekit__die(int code, const char *fmt, ...)
{
	char buf[900];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	ddekit__say("%s", buf);
	ddekit__end(code);
	_exit(code);
}
