// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for arch/um/kernel/early_printk.c and drivers/stderr_console.c: printk goes to the host's console (stderr). */
#include <linux/console.h>
#include <linux/init.h>
#include <ddekit/host.h>

static void host_write(struct console *con, const char *s, unsigned int n)
{
	ddekit_console_write(s, n);
}

static struct console host_console = {
	.name = "host",
	.write = host_write,
	.flags = CON_PRINTBUFFER | CON_ENABLED | CON_ANYTIME,
	.index = -1,
};

static int __init host_console_start(void)
{
	register_console(&host_console);
	return 0;
}
console_initcall(host_console_start);
