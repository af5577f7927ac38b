// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's log of guest errors tells of each word that a device reads or writes where there is no memory. It comes by a pipe, which a thread
 * of its own empties: the runner would wait for QEMU while QEMU waits for room. Words in a row are one access. What the user asks
 * QEMU to log (-trace, -d) comes the same way and goes on to stderr. QEMU 7.2 has these in `guest_errors`; later ones, which have an item of
 * their own for them (invalid_mem), tell nothing here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include <ddekit/irq.h>
#include "device/qemu/strays.h"
#include "host/log.h"
#include "host/options.h"

#define RING 64

static struct ddekit_stray ring[RING];
static atomic_uint made, taken; /* more than RING at a time are as good as these */
static FILE *in;
static pthread_t reader;
static int wanted; /* by the user, as a log */

static void add(const struct ddekit_stray *s)
{
	unsigned int n = atomic_load(&made);

	if (n - atomic_load(&taken) == RING)
		return;
	ring[n % RING] = *s;
	atomic_store(&made, n + 1);
	ddekit_irq_raise(DDEKIT_IRQ_CONTROL);
}

static void *read_log(void *arg)
{
	unsigned long long next = 0;
	int last = -1;
	char line[512];

	(void)arg;
	pthread_setname_np(pthread_self(), "dde-strays");
	while (fgets(line, sizeof(line), in)) {
		struct ddekit_stray s;
		unsigned int size;
		char what[8];

		if (wanted)
			fputs(line, stderr);
		if (sscanf(line, "Invalid %7s at addr 0x%llx, size %u", what, &s.addr, &size) != 3)
			continue;
		s.write = !strcmp(what, "write");
		if (s.addr != next || s.write != last)
			add(&s);
		next = s.addr + size;
		last = s.write;
	}
	return NULL;
}

int qemu_strays_start(void)
{
	sigset_t all, old;
	char **arg;
	int fd[2];

	for (arg = ddekit__options.device_args; *arg; arg++)
		wanted |= !strcmp(*arg, "-trace") || !strcmp(*arg, "-d");
	if (pipe2(fd, O_CLOEXEC) < 0)
		ddekit__die(DDEKIT_EXIT_IO, "pipe: %s", strerror(errno));
	in = fdopen(fd[0], "r");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (!in || pthread_create(&reader, NULL, read_log, NULL))
		ddekit__die(DDEKIT_EXIT_IO, "the host gives no thread for QEMU's log");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return fd[1];
}

void qemu_strays_end(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 1;
	pthread_timedjoin_np(reader, NULL, &until);
}

int qemu_stray(struct ddekit_stray *s)
{
	unsigned int n = atomic_load(&taken);

	if (n == atomic_load(&made))
		return 0;
	*s = ring[n % RING];
	atomic_store(&taken, n + 1);
	return 1;
}
