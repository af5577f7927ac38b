/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program of the user, an ordinary process of the host, whose system calls are brought here: seccomp's user notification
 * (Documentation/userspace-api/seccomp_filter.rst). Errors are -errno with the numbers of Linux. Holder of the virtual CPU only, but for
 * the two functions that copy.
 */
#ifndef DDEKIT_PROGRAM_H
#define DDEKIT_PROGRAM_H

/** One system call that waits for its answer. */
struct ddekit_call {
	unsigned long long id;
	int tid; /* of the host */
	int nr; /* x86-64's */
	unsigned long args[6];
};

/** Starts the program of --program; 0, or an error when the host's kernel forbids the filter. */
int ddekit_program_start(void);
/** The next call; 0 when none waits. What comes later calls dde_program->control. */
int ddekit_program_call(struct ddekit_call *call);
/** The program's end: 1 and its wait status, once; 0 before. */
int ddekit_program_ended(int *status);
/** Sends a signal to the program and to those of its children that are in its process group. */
void ddekit_program_kill(int sig);
/** Process (thread group) of a thread and that process's parent; an error when it is gone. */
int ddekit_program_process(int tid, int *parent);
/** What a thread calls itself (/proc/TID/comm). */
void ddekit_program_name(int tid, char *name, unsigned int size);
/** True while the process runs (and is no zombie). */
int ddekit_program_alive(int process);

/** The caller still waits for this call: neither killed nor interrupted. */
int ddekit_program_waits(unsigned long long id);
/** Answers with a value, or with -errno. */
int ddekit_program_reply(unsigned long long id, long value);
/** The host's kernel carries it out itself. */
int ddekit_program_continue(unsigned long long id);
/**
 * A descriptor in the calling process that stands for one here, named @name in its /proc/self/fd; @at: its number, -1: the lowest free.
 * The number, or an error.
 */
int ddekit_program_descriptor(unsigned long long id, const char *name, int at, int cloexec);
/** @fd of a process is such a descriptor. */
int ddekit_program_stands(int process, int fd);
/** The lowest number from @from on that is free in a process. */
int ddekit_program_free(int process, int from);
/** What poll() says of a descriptor of a process, now. */
short ddekit_program_poll(int process, int fd, short events);

/** Memory of the program's thread; the number of bytes that were not copied. */
unsigned long ddekit_program_read(int tid, void *to, unsigned long from, unsigned long n);
unsigned long ddekit_program_write(int tid, unsigned long to, const void *from, unsigned long n);
#endif
