// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for nothing in arch/: what Linux prints while it does something for the driver, such as "Trying to free nonexistent resource",
 * names nobody; the driver's line that asked for it does. Which messages matter the profiler decides.
 */
#include <linux/kernel.h>
#include <trace/events/printk.h>
#include <ddet/ddetrace.h>

#include "../observe/probes.h"
#include "driver.h"

static void on_console(void *data, const char *text, size_t len)
{
	u32 caller = dde_driver_caller();

	if (caller)
		ddet_misuse(DDET_MISUSE_KERNEL_SAID, caller, 0, 0, 0);
}

/* clang-format off */
#define EVENTS(X) \
	X(DDET_CAT_CHECK, console)
/* clang-format on */
DDE_PROBES(EVENTS);
