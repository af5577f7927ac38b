// SPDX-License-Identifier: GPL-2.0-only
/* No back end: an empty PCI bus. In force until a real one has started, so that an early failure can still end the process. */
#include "host/internal.h"

static void nothing(void)
{
}

static unsigned int config_read(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size)
{
	(void)bus;
	(void)devfn;
	(void)reg;
	(void)size;
	return ~0U;
}

static void windows(struct ddekit_pci_windows *w)
{
	(void)w;
}

const struct ddekit_device_ops ddekit__none_ops = {
	.name = "none", .start = nothing, .stop = nothing, .drain = nothing, .settle = nothing, .config_read = config_read, .windows = windows,
};
