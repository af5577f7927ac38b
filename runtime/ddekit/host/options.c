// SPDX-License-Identifier: GPL-2.0-only
/* The command line of the driver process: see usage below. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ddekit/arena.h>
#include <ddekit/exit_codes.h>
#include <ddekit/host.h>
#include "host/options.h"

struct ddekit_options ddekit__options = {
	.memory = 128UL << 20,
	.posted = 1,
	.watchdog = 20,
	.pin = 0,
	.trace_fd = -1,
	.result_fd = -1,
	.control_fd = -1,
	.program_fd = -1,
	.loglevel = 7,
	.device = "qemu",
	.qemu = "qemu-system-x86_64",
};

static const char usage[] =
	"usage: driver [OPTIONS] [-- QEMU-ARGUMENTS...]\n"
	"       driver --launch PID [--map-path RULE]... -- PROGRAM [ARGUMENTS]   brings a program to a running driver\n"
	"  --memory MIB        memory of the kernel side, 32 to 512 (128)\n"
	"  --cmdline STRING    kernel command line: module parameters, loglevel ...\n"
	"  --workload STRING   what to run, e.g. \"ping --count 100\" (idle)\n"
	"  --posted on|off     off: wait for every register write (device models that race)\n"
	"  --watchdog SECONDS  report a virtual CPU that does not yield for so long; 0 = never (20)\n"
	"  --pin on|off        keep the virtual CPU's threads on one host CPU (off)\n"
	"  --trace-fd N        shared trace region of the recorder\n"
	"  --result-fd N       JSON lines with results\n"
	"  --control-fd N      stream socket with command lines: unbind, bind, workload STRING, quit\n"
	"  --program WORD      a program to run on the driver (workload exec), given again for each of its arguments\n"
	"  --program-fd N      its stdin; N+1 and N+2 are its stdout and stderr\n"
	"  --map-path RULE     PATH=driver or PATH=host: whose files the program sees there, given again for each rule\n"
	"  --loglevel N        kernel messages below this level go to stderr (7)\n"
	"  --device WHERE      qemu: models of QEMU's; vfio:BDF: a device of this machine, bound to vfio-pci, that sees all of the\n"
	"                      memory; vfio:BDF,strict: that sees only what is mapped; uio:BDF[,copy|zero-copy|arena]: one bound to\n"
	"                      uio_pci_generic, with DMA by the module uio_dma (qemu)\n"
	"  --huge on|off       memory in huge pages (vm.nr_hugepages), for a device of this machine behind an IOMMU (off)\n"
	"  --qemu PATH         device server (qemu-system-x86_64)\n";

static void usage_error(const char *what, const char *value)
{
	fprintf(stderr, "dde: %s '%s'\n%s", what, value, usage);
	exit(DDEKIT_EXIT_USAGE);
}

static long number(const char *name, const char *s, long min, long max)
{
	char *end, msg[100];
	long v;

	errno = 0;
	v = strtol(s, &end, 10);
	if (errno || end == s || *end || v < min || v > max) {
		snprintf(msg, sizeof(msg), "--%s must be a number from %ld to %ld, not", name, min, max);
		usage_error(msg, s);
	}
	return v;
}

static int on_off(const char *wrong, const char *s)
{
	if (strcmp(s, "on") && strcmp(s, "off"))
		usage_error(wrong, s);
	return !strcmp(s, "on");
}

static int open_fd(const char *name, const char *s)
{
	int fd = number(name, s, 0, 1 << 20);

	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		usage_error("no open descriptor", s);
	return fd;
}

void ddekit__options_parse(int argc, char **argv)
{
	enum { MEMORY = 1, CMDLINE, WORKLOAD, POSTED, WATCHDOG, TRACE, RESULT, CONTROL, LOGLEVEL, QEMU, PIN, PROGRAM, PROGRAM_FD, MAP_PATH, DEVICE, HUGE, HELP };
	static const struct option options[] = {
		{ "memory", 1, NULL, MEMORY },	   { "cmdline", 1, NULL, CMDLINE },   { "workload", 1, NULL, WORKLOAD },
		{ "posted", 1, NULL, POSTED },	   { "watchdog", 1, NULL, WATCHDOG }, { "trace-fd", 1, NULL, TRACE },
		{ "result-fd", 1, NULL, RESULT },  { "control-fd", 1, NULL, CONTROL }, { "loglevel", 1, NULL, LOGLEVEL },
		{ "qemu", 1, NULL, QEMU },	   { "pin", 1, NULL, PIN },	      { "help", 0, NULL, HELP },
		{ "program", 1, NULL, PROGRAM },   { "program-fd", 1, NULL, PROGRAM_FD },
		{ "map-path", 1, NULL, MAP_PATH }, { "device", 1, NULL, DEVICE },
		{ "huge", 1, NULL, HUGE },
		{ 0 },
	};
	struct ddekit_options *o = &ddekit__options;
	const char *cmdline = "";
	unsigned int words = 0;
	int c, n;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (c) {
		case MEMORY:
			o->memory = number("memory", optarg, 32, DDEKIT_ARENA_MAX >> 20) << 20;
			break;
		case CMDLINE:
			cmdline = optarg;
			break;
		case WORKLOAD:
			if (strlen(optarg) >= sizeof(o->workload))
				usage_error("workload too long:", optarg);
			strcpy(o->workload, optarg);
			break;
		case POSTED:
			o->posted = on_off("--posted takes on or off, not", optarg);
			break;
		case PIN:
			o->pin = on_off("--pin takes on or off, not", optarg);
			break;
		case WATCHDOG:
			o->watchdog = number("watchdog", optarg, 0, 86400);
			break;
		case TRACE:
			o->trace_fd = open_fd("trace-fd", optarg);
			break;
		case RESULT:
			o->result_fd = open_fd("result-fd", optarg);
			break;
		case CONTROL:
			o->control_fd = open_fd("control-fd", optarg);
			break;
		case LOGLEVEL:
			o->loglevel = number("loglevel", optarg, 0, 15);
			break;
		case DEVICE:
			o->device = optarg;
			break;
		case HUGE:
			o->huge = on_off("--huge takes on or off, not", optarg);
			break;
		case QEMU:
			o->qemu = optarg;
			break;
		case PROGRAM:
			if (words == sizeof(o->program) / sizeof(o->program[0]) - 1)
				usage_error("more than 257 words of a program; the last:", optarg);
			o->program[words++] = optarg;
			break;
		case PROGRAM_FD:
			o->program_fd = open_fd("program-fd", optarg);
			fcntl(o->program_fd + 1, F_SETFD, FD_CLOEXEC);
			fcntl(o->program_fd + 2, F_SETFD, FD_CLOEXEC);
			break;
		case MAP_PATH:
			n = strlen(o->map_paths);
			if (snprintf(o->map_paths + n, sizeof(o->map_paths) - n, "%s\n", optarg) >= (int)sizeof(o->map_paths) - n)
				usage_error("more rules of --map-path than there is room for; the last:", optarg);
			break;
		case HELP:
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(DDEKIT_EXIT_USAGE);
		}
	}
	o->device_args = argv + optind;
	if (o->huge && (!strchr(o->device, ':') || strstr(o->device, ",copy")))
		usage_error("--huge is for a device of this machine behind an IOMMU, not for --device", o->device);
	n = snprintf(o->cmdline, sizeof(o->cmdline), "loglevel=%d %s", o->loglevel, cmdline);
	if (n >= (int)sizeof(o->cmdline))
		usage_error("kernel command line too long:", cmdline);
}

const char *ddekit_cmdline(void)
{
	return ddekit__options.cmdline;
}

const char *ddekit_workload(void)
{
	return ddekit__options.workload;
}

unsigned int ddekit_watchdog_seconds(void)
{
	return ddekit__options.watchdog;
}
