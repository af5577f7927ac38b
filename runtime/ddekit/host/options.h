/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of the driver process. Written once, before there is a second thread. */
#ifndef DDEKIT_HOST_OPTIONS_H
#define DDEKIT_HOST_OPTIONS_H

struct ddekit_options {
	unsigned long memory;       /* bytes */
	char cmdline[4096];
	char workload[1024];
	int posted;                 /* 0: wait for each write */
	int watchdog;               /* seconds, 0 = off */
	int pin;                    /* keep the threads of the virtual CPU on one host CPU */
	int trace_fd, result_fd, control_fd;
	int loglevel;
	const char *device;         /* the back end: "qemu", or another one's name, a colon and its device */
	int huge;                   /* the arena is of huge pages */
	const char *qemu;
	int program_fd;             /* stdin of --program; stdout and stderr follow; -1: this process's own */
	char *program[258];         /* ends with NULL; [0] is NULL without one */
	char map_paths[1024];       /* whose paths are for --program: "PATH=driver" or "PATH=host", a line each */
	char **device_args;         /* for the back end; ends with NULL */
};
extern struct ddekit_options ddekit__options;

/** Fills them; a wrong command line ends the process with a message and DDEKIT_EXIT_USAGE. */
void ddekit__options_parse(int argc, char **argv);

#endif
