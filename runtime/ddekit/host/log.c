// SPDX-License-Identifier: GPL-2.0-only
/* Console, results and the control socket. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/internal.h"

static char control_buf[2048];
static unsigned int control_len;
static volatile int stop_code;
static int stop_wanted;

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

void ddekit_result(const char *json)
{
	if (ddekit__options.result_fd < 0)
		return;
	ddekit__enter();
	write_all(ddekit__options.result_fd, json, strlen(json));
	write_all(ddekit__options.result_fd, "\n", 1);
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
	ddekit_exit(code);
}

const char *ddekit_cmdline(void)
{
	return ddekit__options.cmdline;
}

unsigned int ddekit_watchdog_seconds(void)
{
	return ddekit__options.watchdog;
}

const char *ddekit_workload(void)
{
	return ddekit__options.workload;
}

void ddekit__request_stop(int code)
{
	stop_code = code;
	stop_wanted = 1;
	ddekit_irq_raise(DDEKIT_IRQ_CONTROL);
}

int ddekit_stop_requested(void)
{
	return stop_wanted ? (stop_code ? stop_code : -1) : 0;
}

void ddekit__control_ready(void)
{
	ddekit_irq_raise(DDEKIT_IRQ_CONTROL);
}

int ddekit_control_line(char *buf, unsigned int size)
{
	int fd = ddekit__options.control_fd, len = -1;
	char *nl;

	if (fd < 0)
		return -1;
	ddekit__enter();
	if (!memchr(control_buf, '\n', control_len)) {
		ssize_t n = recv(fd, control_buf + control_len, sizeof(control_buf) - control_len, MSG_DONTWAIT);

		if (n > 0)
			control_len += n;
		else if (n == 0)
			ddekit__options.control_fd = -1; /* the controller left; the driver goes on */
	}
	nl = memchr(control_buf, '\n', control_len);
	if (nl) {
		unsigned int n = nl - control_buf;

		len = n < size - 1 ? n : size - 1;
		memcpy(buf, control_buf, len);
		buf[len] = 0;
		control_len -= n + 1;
		memmove(control_buf, nl + 1, control_len);
	} else if (control_len == sizeof(control_buf)) {
		ddekit__say("control: line longer than %zu bytes dropped", sizeof(control_buf));
		control_len = 0;
	}
	ddekit__leave();
	return len;
}
