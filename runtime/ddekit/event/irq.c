// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pending set, level-triggered lines and the idle wait. Device events are descriptors in one edge-triggered epoll set that are never
 * read (each new event triggers again): one system call per wake-up. Any thread may raise; only the runner fetches.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ddet/ddetrace.h>
#include "host/internal.h"

void (*ddekit_irq_deliver)(void);

static atomic_ullong pending;
static uint64_t line_level, line_masked; /* runner only: lines are parsed by the runner */
static atomic_int idling;
static int epoll_fd = -1, kick_fd = -1;

static volatile unsigned long long seen[DDEKIT_IRQ_COUNT];

unsigned long long ddekit_irq_seen(unsigned int irq)
{
	return seen[irq];
}

void ddekit_irq_raise(unsigned int irq)
{
	seen[irq] = ddet_tsc();
	atomic_fetch_or(&pending, 1ULL << irq);
	ddekit_cpu.irq_pending = 1;
	/* Pairs with the fence in ddekit_idle(): either idle sees the pending bit, or we see that it is idling. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load(&idling)) {
		uint64_t one = 1;

		if (write(kick_fd, &one, sizeof(one)) < 0)
			return; /* full: it is already signalled */
	}
}

unsigned long long ddekit_irq_fetch(void)
{
	ddekit_cpu.irq_pending = 0;
	return atomic_exchange(&pending, 0);
}

void ddekit__irq_line(unsigned int irq, int level)
{
	uint64_t bit = 1ULL << irq;

	if (irq < DDEKIT_IRQ_INTX_FIRST || irq > DDEKIT_IRQ_INTX_LAST)
		return;
	if (!level) {
		line_level &= ~bit;
		return;
	}
	line_level |= bit;
	if (!(line_masked & bit)) {
		ddekit_irq_raise(irq);
		ddet_irq_signal(irq, seen[irq], irq);
	}
}

void ddekit_irq_line_mask(unsigned int irq)
{
	line_masked |= 1ULL << irq;
	atomic_fetch_and(&pending, ~(1ULL << irq));
}

void ddekit_irq_line_unmask(unsigned int irq)
{
	uint64_t bit = 1ULL << irq;

	line_masked &= ~bit;
	if (!(line_level & bit))
		return;
	/*
	 * The write that lowers the line may still be on its way, and nobody reads the answer while the handler runs again and
	 * again: such a storm never ends. Hardware gives the write the time of an EOI; here it is waited for.
	 */
	ddekit__enter();
	ddekit__device->settle();
	ddekit__leave();
	if (line_level & bit)
		ddekit_irq_raise(irq);
}

static void handle(const struct epoll_event *ev)
{
	unsigned int source = ev->data.u32;

	if (source < DDEKIT_IRQ_COUNT) {
		ddekit_irq_raise(source);
		ddet_irq_signal(source, seen[source], source);
	} else if (source == DDEKIT__EV_BACKEND) {
		ddekit__device->drain();
	} else if (source == DDEKIT__EV_CONTROL) {
		ddekit__control_ready();
	}
}

static void wait_events(int timeout_ms)
{
	struct epoll_event ev[64];
	int i, n;

	n = epoll_wait(epoll_fd, ev, 64, timeout_ms);
	for (i = 0; i < n; i++)
		handle(&ev[i]);
}

void ddekit_irq_poll(void)
{
	ddekit__enter();
	wait_events(0);
	ddekit__leave();
}

void ddekit_idle(void)
{
	ddekit__enter();
	ddekit_cpu.yields++;
	ddet_poll();
	atomic_store(&idling, 1);
	atomic_thread_fence(memory_order_seq_cst); /* pairs with ddekit_irq_raise() */
	/* Replies to posted writes wake us too; Linux need not hear of them. */
	while (!atomic_load(&pending))
		wait_events(-1);
	atomic_store(&idling, 0);
	ddekit_cpu.yields++;
	ddekit__leave();
}

int ddekit__idling(void)
{
	return atomic_load(&idling);
}

void ddekit__irq_watch(int fd, unsigned int source, int edge)
{
	struct epoll_event ev = { .events = EPOLLIN | (edge ? EPOLLET : 0), .data.u32 = source };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		ddekit__die(DDEKIT_EXIT_IO, "epoll_ctl: %s", strerror(errno));
}

void ddekit__irq_init(void)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	kick_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (epoll_fd < 0 || kick_fd < 0)
		ddekit__die(DDEKIT_EXIT_IO, "cannot create event descriptors: %s", strerror(errno));
	ddekit__irq_watch(kick_fd, DDEKIT__EV_KICK, 1);
}
