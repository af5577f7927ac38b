// SPDX-License-Identifier: GPL-2.0-only
/* The control socket and stop requests: both interrupt the kernel side, which then asks. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <ddekit/host.h>
#include <ddekit/irq.h>
#include "event/control.h"
#include "event/epoll.h"
#include "host/cpu.h"
#include "host/log.h"

/* How long a parent may take to find out that its driver has crashed, ms. */
#define FIRST_WORD 2000

static int control_fd = -1;
static char buf[2048];
static unsigned int len;
static int dropping; /* the rest of a line that was too long */
static volatile int stop_code, stop_wanted;

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

/* Takes @n bytes and the newline behind them out of the buffer. */
static void consume(unsigned int n)
{
	len -= n + 1;
	memmove(buf, buf + n + 1, len);
}

/* More bytes from the socket; 0 when there are none at the moment. They announce themselves once (epoll's edge), so all are taken. */
static int more(void)
{
	ssize_t n = recv(control_fd, buf + len, sizeof(buf) - len, MSG_DONTWAIT);

	if (n == 0)
		control_fd = -1; /* the controller left; the driver goes on */
	if (n <= 0)
		return 0;
	len += n;
	return 1;
}

static int next_line(char *to, unsigned int size)
{
	for (;;) {
		char *nl = memchr(buf, '\n', len);
		unsigned int n = nl ? nl - buf : len, kept = n < size - 1 ? n : size - 1;

		if (nl && !dropping) {
			memcpy(to, buf, kept);
			to[kept] = 0;
			consume(n);
			return kept;
		}
		if (nl) {
			consume(n);
			dropping = 0;
			continue;
		}
		if (len == sizeof(buf)) {
			if (!dropping)
				ddekit__say("control: line longer than %zu bytes dropped", sizeof(buf));
			dropping = 1;
			len = 0;
		}
		if (control_fd < 0 || !more())
			return -1;
	}
}

int ddekit_control_line(char *to, unsigned int size)
{
	int n;

	ddekit__enter();
	n = next_line(to, size);
	ddekit__leave();
	return n;
}

static void ready(void *arg)
{
	(void)arg;
	ddekit_irq_raise(DDEKIT_IRQ_CONTROL);
}

void ddekit__control_open(int fd)
{
	control_fd = fd;
	ddekit__epoll_watch(fd, ready, NULL, 1);
}

void ddekit__control_hold(void)
{
	struct pollfd p = { .fd = control_fd, .events = POLLIN };
	int limit = FIRST_WORD;
	char word[64];

	while (control_fd >= 0) {
		ssize_t n = poll(&p, 1, limit);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		n = recv(control_fd, word, sizeof(word) - 1, MSG_DONTWAIT);
		if (n <= 0)
			return;
		word[n] = 0;
		if (strstr(word, "end\n"))
			return;
		if (strstr(word, "hold\n"))
			limit = -1;
	}
}
