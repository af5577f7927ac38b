// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts by eventfd, one a vector; the host kernel writes the messages into the device. It allows one kind at a time: INTx is on from
 * the first unmask of the line until vectors are set up. After an INTx the host masks the line until we unmask it.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include <ddekit/exit_codes.h>
#include <ddekit/irq.h>
#include "device/vfio/vfio.h"
#include "event/control.h"
#include "event/epoll.h"
#include "event/irq.h"
#include "host/log.h"

#define VECTORS (DDEKIT_IRQ_MSI_LAST - DDEKIT_IRQ_MSI_FIRST + 1)

static int line_fd, vector_fd[VECTORS];
static int intx_on;
/* By vector of the device: the eventfd, -1 none. */
static int set[VECTORS];
static unsigned int used; /* vectors of `set` */
static int index_on = -1;

/* count 0: switches the kind off. */
static int set_irqs(unsigned int index, unsigned int action, unsigned int count, const int *fds)
{
	struct {
		struct vfio_irq_set head;
		int fds[VECTORS];
	} s = { .head = { .argsz = sizeof(s.head) + (fds ? count * sizeof(int) : 0), .index = index, .count = count } };

	s.head.flags = action | (fds ? VFIO_IRQ_SET_DATA_EVENTFD : VFIO_IRQ_SET_DATA_NONE);
	if (fds)
		memcpy(s.head.data, fds, count * sizeof(int));
	return ioctl(vfio_device, VFIO_DEVICE_SET_IRQS, &s) ? -errno : 0;
}

static void off(void)
{
	if (intx_on)
		set_irqs(VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_ACTION_TRIGGER, 0, NULL);
	if (index_on >= 0)
		set_irqs(index_on, VFIO_IRQ_SET_ACTION_TRIGGER, 0, NULL);
	intx_on = 0;
	index_on = -1;
}

static void line(void *arg)
{
	(void)arg;
	ddekit__irq_line(DDEKIT_IRQ_INTX_FIRST, 1);
}

/* The host signals at once when the device still holds the line. */
static void line_unmask(unsigned int irq, int high)
{
	int err;

	if (irq != DDEKIT_IRQ_INTX_FIRST || index_on >= 0)
		return;
	ddekit__irq_line(irq, 0);
	if (!intx_on) {
		err = set_irqs(VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_ACTION_TRIGGER, 1, &line_fd);
		if (err)
			ddekit__say("vfio: the device's interrupt line cannot be had: %s", strerror(-err));
		intx_on = !err;
	} else if (high) {
		set_irqs(VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_ACTION_UNMASK, 1, NULL);
	}
}

int vfio_irq_setup(enum ddekit_msi_type type, unsigned int vector, unsigned int count, unsigned int irq, struct ddekit_msi_message *m)
{
	int index = type == DDEKIT_MSI ? VFIO_PCI_MSI_IRQ_INDEX : VFIO_PCI_MSIX_IRQ_INDEX, err;
	unsigned int i;

	if (vector + count > VECTORS)
		return -ENOSPC;
	/* Before 6.5 vectors cannot be added: all again, which loses nothing, as none is in use before all are set up. */
	off();
	for (; used < vector + count; used++)
		set[used] = -1;
	for (i = 0; i < count; i++)
		set[vector + i] = vector_fd[irq - DDEKIT_IRQ_MSI_FIRST + i];
	err = set_irqs(index, VFIO_IRQ_SET_ACTION_TRIGGER, used, set);
	if (err) {
		ddekit__say("vfio: %u interrupt vectors cannot be had: %s", used, strerror(-err));
		used = 0;
		return err;
	}
	index_on = index;
	/* What Linux writes into the device goes to the host's kernel, which drops it. */
	*m = (struct ddekit_msi_message){ .address = 0, .data = irq };
	return 0;
}

void vfio_irq_free(unsigned int irq, unsigned int count)
{
	unsigned int i, left = 0;

	for (i = 0; i < used; i++) {
		unsigned int k;

		for (k = 0; k < count; k++)
			if (set[i] == vector_fd[irq - DDEKIT_IRQ_MSI_FIRST + k])
				set[i] = -1;
		left += set[i] >= 0;
	}
	if (left)
		return;
	used = 0;
	off();
}

static void wanted_back(void *arg)
{
	(void)arg;
	ddekit__say("vfio: the host wants the device back");
	ddekit__request_stop(DDEKIT_EXIT_BACKEND);
}

static int event(void)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0)
		ddekit__die(DDEKIT_EXIT_IO, "eventfd: %s", strerror(errno));
	return fd;
}

void vfio_irqs_init(void)
{
	int back = event(), i;

	line_fd = event();
	ddekit__epoll_watch(line_fd, line, NULL, 1);
	ddekit__irq_unmask_by(line_unmask);
	for (i = 0; i < VECTORS; i++) {
		vector_fd[i] = event();
		ddekit__irq_watch(vector_fd[i], DDEKIT_IRQ_MSI_FIRST + i);
	}
	if (!set_irqs(VFIO_PCI_REQ_IRQ_INDEX, VFIO_IRQ_SET_ACTION_TRIGGER, 1, &back))
		ddekit__epoll_watch(back, wanted_back, NULL, 1);
}
