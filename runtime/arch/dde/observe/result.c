// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for nothing in arch/: the result channel, by which the process tells whoever started it what happened (ARCHITECTURE.md). */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/stdarg.h>
#include <ddekit/host.h>

#include "result.h"

void dde_result(const char *fmt, ...)
{
	char line[1024], *longer = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n >= sizeof(line)) {
		va_start(ap, fmt);
		longer = kvasprintf(GFP_ATOMIC, fmt, ap);
		va_end(ap);
	}
	ddekit_result(longer ?: line);
	kfree(longer);
}

const char *dde_json(char *buf, size_t size, const char *s)
{
	size_t n = 0;

	for (; *s && n + 2 < size; s++) {
		if (*s == '"' || *s == '\\')
			buf[n++] = '\\';
		buf[n++] = (unsigned char)*s < ' ' ? ' ' : *s;
	}
	buf[n] = 0;
	return buf;
}
