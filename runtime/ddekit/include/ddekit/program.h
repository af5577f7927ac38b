/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program of the user, an ordinary process of the host, whose system calls are brought here: seccomp's user notification
 * (Documentation/userspace-api/seccomp_filter.rst). Errors are -errno with the numbers of Linux. Holder of the virtual CPU only, but for
 * the two functions that copy.
 */
#ifndef DDEKIT_PROGRAM_H
#define DDEKIT_PROGRAM_H

/** The program's limit of open files, and how many names of functions it has at most (ddekit_program_stack()). */
#define DDEKIT_PROGRAM_NOFILE 1024
#define DDEKIT_PROGRAM_FRAMES 65536
/** At most so many programs are on a driver at a time; each has a number below this, and its children have the same. */
#define DDEKIT_PROGRAMS 16

/** One system call that waits for its answer. */
struct ddekit_call {
	unsigned long long id;
	int tid; /* of the host */
	unsigned int program;
	int nr; /* x86-64's */
	unsigned long args[6];
};

/** Starts the program of --program; its number, or an error when the host's kernel forbids the filter. */
int ddekit_program_start(void);
/** From now on others may bring programs (launch.c); who comes raises DDEKIT_IRQ_PROGRAM. 0 or an error. */
int ddekit_program_listen(void);
/** Somebody has come who is still to be admitted. */
int ddekit_program_waiting(void);
/** Takes one program that was brought: its number, -EAGAIN when there is none. @refusal: what those who come are told instead. */
int ddekit_program_admit(const char *refusal);
/** Whose the paths are for a program: lines of PATH=driver or PATH=host. */
const char *ddekit_program_rules(unsigned int program);
/** Nobody is left of it: 1, once; its number is free then. */
int ddekit_program_over(unsigned int program);
/** A signal to a process of a program, or to one thread of it (@tid, 0: to any). */
void ddekit_program_signal(int process, int tid, int sig);
/** The next call; 0 when none waits. What comes later raises DDEKIT_IRQ_PROGRAM. */
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
/**
 * Makes @fd of a process, which stands for one here, one that the host can wait for (epoll): a mirror, whose readiness is set below; or an error.
 */
int ddekit_program_mirror(unsigned long long id, int process, int fd);
/** The same mirror for another descriptor; 0 or an error. */
int ddekit_program_mirror_also(int mirror, unsigned long long id, int process, int fd);
/** @fd of a process is one. */
int ddekit_program_mirrored(int process, int fd);
/** Bits of poll(); @again: also what is so already is to be told as news. */
void ddekit_program_mirror_set(int mirror, short events, int again);
void ddekit_program_mirror_end(int mirror);
/** The folder that a thread works in; its length, or an error. */
int ddekit_program_cwd(int tid, char *to, unsigned int size);
/** The host has a file of this name. */
int ddekit_program_host_has(const char *path);

/** Memory of the arena that a program gets to see: @at and @size in bytes of its mapping, @offset the bus address. */
struct ddekit_piece {
	unsigned long at, offset, size;
};
/**
 * The answer to an mmap(): the pieces, at the place and with the protection and the flags that the call has; where there is no piece nothing
 * is accessible. The address, or an error; the caller then has its answer, unless the call still waits.
 */
long ddekit_program_map(const struct ddekit_call *call, int process, unsigned long size, const struct ddekit_piece *pieces,
			unsigned int n);
/** A process still has memory of the arena in that range. */
int ddekit_program_mapped(int process, unsigned long from, unsigned long to);
/** @fd of a process is such a descriptor. */
int ddekit_program_stands(int process, int fd);
/** The lowest number from @from on that is free in a process. */
int ddekit_program_free(int process, int from);
/** What poll() says of a descriptor of a process, now. */
short ddekit_program_poll(int process, int fd, short events);

/**
 * The C stack of a thread that waits in a call, the outermost function first: up to @max numbers of functions; how many. The name of such a
 * number is that of the function, or of its file in brackets.
 */
unsigned int ddekit_program_stack(int process, int tid, unsigned int *frames, unsigned int max);
const char *ddekit_program_function(unsigned int frame);
/** The process has other files in its memory now. */
void ddekit_program_forget(int process);

/** Memory of the program's thread; the number of bytes that were not copied. */
unsigned long ddekit_program_read(int tid, void *to, unsigned long from, unsigned long n);
unsigned long ddekit_program_write(int tid, unsigned long to, const void *from, unsigned long n);
#endif
