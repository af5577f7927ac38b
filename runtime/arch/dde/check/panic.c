// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for nothing in arch/: a panic (BUG, oops) is the driver's crash: told, with its stack, and the end of the process. */
#include <linux/init.h>
#include <linux/panic_notifier.h>
#include <linux/string.h>
#include <ddekit/exit_codes.h>
#include <ddekit/host.h>
#include <ddet/ddetrace.h>

#include "../observe/result.h"

static int on_panic(struct notifier_block *nb, unsigned long event, void *message)
{
	ddet_mark(DDET_MARK_PANIC, message, strlen(message));
	dde_result("{\"type\":\"crash\",\"reason\":\"panic\"}");
	ddekit_backtrace(0, 0);
	ddekit_exit(DDEKIT_EXIT_CRASH);
}

static struct notifier_block panic_block = { .notifier_call = on_panic };

static int __init panic_init(void)
{
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
	return 0;
}
early_initcall(panic_init);
