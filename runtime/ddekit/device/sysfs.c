// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include "device/sysfs.h"
#include "host/log.h"
#include "host/options.h"

#define FOLDER "/sys/bus/pci/devices/%s/%s"

static void __attribute__((noreturn)) refuse(const char *const words[])
{
	const char *given = ddekit__options.device;
	int back_end = strcspn(given, ":"), n = 0, i;
	char text[256] = "";

	for (i = 0; words[i]; i++)
		n += snprintf(text + n, sizeof(text) - n, " or %.*s:DDDD:BB:SS.F,%s", back_end, given, words[i]);
	ddekit__die(DDEKIT_EXIT_USAGE, "--device %s: not %.*s:DDDD:BB:SS.F%s", given, back_end, given, text);
}

const char *ddekit__sysfs_wanted(const char *const words[], int *word, unsigned int *slot)
{
	static char bdf[32];
	unsigned int domain, bus, function;
	int n = 0;

	snprintf(bdf, sizeof(bdf), "%s", strchr(ddekit__options.device, ':') + 1);
	if (sscanf(bdf, "%4x:%2x:%2x.%1x%n", &domain, &bus, slot, &function, &n) != 4)
		refuse(words);
	*word = -1;
	if (!bdf[n])
		return bdf;
	for (*word = 0; words[*word]; ++*word)
		if (bdf[n] == ',' && !strcmp(bdf + n + 1, words[*word])) {
			bdf[n] = 0;
			return bdf;
		}
	refuse(words);
}

const char *ddekit__sysfs_link(const char *bdf, const char *link)
{
	static char target[PATH_MAX];
	char path[128];
	ssize_t n;

	snprintf(path, sizeof(path), FOLDER, bdf, link);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return NULL;
	target[n] = 0;
	return basename(target);
}

int ddekit__sysfs_open(const char *bdf, const char *file, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), FOLDER, bdf, file);
	return open(path, flags | O_CLOEXEC);
}

void ddekit__sysfs_bound(const char *back_end, const char *bdf, const char *driver)
{
	const char *now;

	if (!ddekit__sysfs_link(bdf, "subsystem"))
		ddekit__die(DDEKIT_EXIT_BACKEND, "%s: this machine has no PCI device %s", back_end, bdf);
	now = ddekit__sysfs_link(bdf, "driver");
	if (!now || strcmp(now, driver))
		ddekit__die(DDEKIT_EXIT_BACKEND, "%s: %s is bound to %s, not to %s", back_end, bdf, now ? now : "no driver", driver);
}
