// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt line by /dev/uioN (section 3.3 of the paper): the host's kernel closes it in the device's command register and counts;
 * when Linux here unmasks the line it is opened there again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <dirent.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include <ddekit/irq.h>
#include "device/sysfs.h"
#include "device/uio/uio.h"
#include "event/epoll.h"
#include "event/irq.h"
#include "host/log.h"

static int uio_fd = -1;

void uio_irq_open(const char *bdf)
{
	int folder = ddekit__sysfs_open(bdf, "uio", O_RDONLY | O_DIRECTORY);
	struct dirent *entry = NULL;
	char path[280];
	DIR *dir = folder < 0 ? NULL : fdopendir(folder);

	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "uio", 3))
			break;
	if (!entry)
		ddekit__die(DDEKIT_EXIT_BACKEND, "uio: %s has no uio folder in sysfs", bdf);
	snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
	closedir(dir);
	uio_fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (uio_fd < 0)
		ddekit__die(DDEKIT_EXIT_BACKEND, "uio: %s: %s", path, strerror(errno));
}

static void line(void *arg)
{
	uint32_t count;

	(void)arg;
	if (read(uio_fd, &count, sizeof(count)) == sizeof(count))
		ddekit__irq_line(DDEKIT_IRQ_INTX_FIRST, 1);
}

/* While the device holds the line the host signals again at once. */
static void line_unmask(unsigned int irq, int high)
{
	(void)high;
	if (irq != DDEKIT_IRQ_INTX_FIRST)
		return;
	ddekit__irq_line(irq, 0);
	uio_config_open_line();
}

void uio_irq_start(void)
{
	ddekit__irq_unmask_by(line_unmask);
	ddekit__epoll_watch(uio_fd, line, NULL, 0);
}
