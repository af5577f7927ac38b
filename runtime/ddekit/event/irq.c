// SPDX-License-Identifier: GPL-2.0-only
/* The pending set, level-triggered lines and the idle wait. Any thread may raise; only the runner fetches. */
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include <ddekit/irq.h>
#include <ddet/ddetrace.h>
#include "event/epoll.h"
#include "event/irq.h"
#include "host/cpu.h"
#include "host/log.h"

void (*ddekit_irq_deliver)(void);

static atomic_ullong pending;
static uint64_t line_level, line_masked; /* runner only: lines are parsed by the runner */
static uint64_t vector_masked, vector_waits; /* likewise */
static void (*unmask)(unsigned int irq, int high);
static int kick_fd = -1;

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
	if (atomic_load(&ddekit__idling)) {
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
	/*
	 * The write that lowers the line may still be on its way, and nobody reads the answer while the handler runs again and
	 * again: such a storm never ends. Hardware gives the write the time of an EOI; here it is waited for.
	 */
	ddekit__enter();
	if (unmask)
		unmask(irq, !!(line_level & bit));
	ddekit__leave();
	if (line_level & bit)
		ddekit_irq_raise(irq);
}

void ddekit_irq_poll(void)
{
	ddekit__enter();
	ddekit__epoll_wait(0);
	ddekit__leave();
}

void ddekit_idle(void)
{
	ddekit__enter();
	ddekit_cpu.yields++;
	ddet_poll();
	atomic_store(&ddekit__idling, 1);
	atomic_thread_fence(memory_order_seq_cst); /* pairs with ddekit_irq_raise() */
	/* Replies to posted writes wake us too; Linux need not hear of them. */
	while (!atomic_load(&pending))
		ddekit__epoll_wait(-1);
	atomic_store(&ddekit__idling, 0);
	ddekit_cpu.yields++;
	ddekit__leave();
}

static void nothing(void *arg)
{
	(void)arg;
}

static void vector(void *arg)
{
	unsigned int irq = (uintptr_t)arg;

	if (vector_masked & 1ULL << irq) {
		vector_waits |= 1ULL << irq;
		return;
	}
	ddekit_irq_raise(irq);
	ddet_irq_signal(irq, seen[irq], irq);
}

void ddekit__irq_watch(int fd, unsigned int irq)
{
	ddekit__epoll_watch(fd, vector, (void *)(uintptr_t)irq, 1);
}

void ddekit__irq_vector_mask(unsigned int irq, int on)
{
	uint64_t bit = 1ULL << irq;

	if (on) {
		vector_masked |= bit;
		return;
	}
	vector_masked &= ~bit;
	if (!(vector_waits & bit))
		return;
	vector_waits &= ~bit;
	vector((void *)(uintptr_t)irq);
}

void ddekit__irq_unmask_by(void (*fn)(unsigned int irq, int high))
{
	unmask = fn;
}

void ddekit__irq_init(void)
{
	kick_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (kick_fd < 0)
		ddekit__die(DDEKIT_EXIT_IO, "cannot create event descriptors: %s", strerror(errno));
	ddekit__epoll_watch(kick_fd, nothing, NULL, 1);
}
