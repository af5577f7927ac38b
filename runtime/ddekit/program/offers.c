// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a driver offers to programs. This runs as a program on the driver (--map-path /dev=driver and so on), so that it sees what one would
 * see: a line each, "KIND\tPATH\tNUMBER\tBELOW".
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "program/program.h"

#define DEEPEST 4

static const char *link_of(const char *path, char *to)
{
	ssize_t n = readlink(path, to, PATH_MAX - 1);

	to[n > 0 ? n : 0] = 0;
	return to;
}

/* The part of /sys/devices that a node is of: `virtual/mem` is each Linux's own. */
static const char *device_of(const struct stat *st, char *to)
{
	char path[64], *at;

	snprintf(path, sizeof(path), "/sys/dev/%s/%u:%u", S_ISBLK(st->st_mode) ? "block" : "char", major(st->st_rdev), minor(st->st_rdev));
	link_of(path, to);
	at = strstr(to, "devices/");
	return at ? at + 8 : "";
}

static int starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static int of_any_linux(const char *device)
{
	return starts(device, "virtual/mem/") || starts(device, "virtual/tty/") || starts(device, "virtual/vc/") ||
		!strcmp(device, "virtual/misc/vga_arbiter");
}

static void nodes(const char *dir, int depth)
{
	struct dirent **found;
	int n = scandir(dir, &found, NULL, alphasort), i;
	char path[PATH_MAX], link[PATH_MAX];
	const char *device;
	struct stat st;

	for (i = 0; i < n; free(found[i++])) {
		if (found[i]->d_name[0] == '.' || snprintf(path, sizeof(path), "%s/%s", dir, found[i]->d_name) >= (int)sizeof(path) ||
		    lstat(path, &st))
			continue;
		if (S_ISDIR(st.st_mode) && depth < DEEPEST)
			nodes(path, depth + 1);
		if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
			continue;
		device = device_of(&st, link);
		if (!of_any_linux(device))
			printf("%s\t%s\t%u:%u\t%s\n", S_ISBLK(st.st_mode) ? "block" : "char", path, major(st.st_rdev), minor(st.st_rdev), device);
	}
	if (n >= 0)
		free(found);
}

static int driven(const char *path)
{
	char driver[PATH_MAX];

	return snprintf(driver, sizeof(driver), "%s/driver", path) < (int)sizeof(driver) && !access(driver, F_OK);
}

/* Links of a folder of /sys whose targets are real devices, and (@bound) have a driver. */
static void links(const char *kind, const char *dir, const char *shown, int bound)
{
	struct dirent **found;
	int n = scandir(dir, &found, NULL, alphasort), i;
	char path[PATH_MAX], to[PATH_MAX], *at;

	for (i = 0; i < n; free(found[i++])) {
		if (found[i]->d_name[0] == '.' || snprintf(path, sizeof(path), "%s/%s", dir, found[i]->d_name) >= (int)sizeof(path))
			continue;
		at = strstr(link_of(path, to), "devices/");
		if (at && !starts(at, "devices/virtual/") && (!bound || driven(path)))
			printf("%s\t%s%s\t\t%s\n", kind, shown, found[i]->d_name, at + 8);
	}
	if (n >= 0)
		free(found);
}

static void folders_of_proc(const char *dir)
{
	struct dirent **found;
	int n = scandir(dir, &found, NULL, alphasort), i;

	for (i = 0; i < n; free(found[i++]))
		if (found[i]->d_name[0] != '.' && found[i]->d_type == DT_DIR)
			printf("proc\t%s/%s\t\t\n", dir, found[i]->d_name);
	if (n >= 0)
		free(found);
}

int ddekit__program_offers(void)
{
	nodes("/dev", 0);
	links("net", "/sys/class/net", "", 0);
	links("sys", "/sys/bus/pci/devices", "/sys/bus/pci/devices/", 1);
	folders_of_proc("/proc/asound");
	folders_of_proc("/proc/driver");
	return fflush(stdout) ? 1 : 0;
}
