/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs of the user on the driver. The system calls of the program come from the host (ddekit/program.h); those that concern the driver
 * are carried out here by Linux's own functions, each thread of the program by a kernel thread of its own, with the file table of the
 * program's process (same numbers on both sides) and with the program's memory behind copy_from_user() (asm/uaccess.h).
 * All lists belong to the dispatcher, which is the thread of the workload.
 */
#ifndef DDE_EXEC_H
#define DDE_EXEC_H

#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/path.h>
#include <linux/types.h>
#include <linux/uaccess.h>
#include <ddekit/program.h>

#include "calls.h"

/* It is what select() can name, too. */
#define EXEC_MAX_FDS DDEKIT_PROGRAM_NOFILE

struct exec_map;
struct files_struct;
struct mm_struct;
struct task_struct;

struct exec_process {
	struct list_head list;
	struct list_head forked; /* file tables at its forks, for children that have not been heard of */
	int id; /* the host's */
	unsigned int program; /* whose rules of paths it has */
	struct files_struct *files;
	struct list_head maps; /* of driver's files */
	struct mm_struct *mm; /* empty: what looks for pages of the program finds none */
	unsigned int threads;
	struct path cwd; /* of the driver's folders; .dentry is NULL: the process works in one of the host's */
	bool check; /* an exec may have closed descriptors */
};

struct exec_thread {
	struct list_head list;
	struct exec_process *process;
	struct dde_user user;
	int tid; /* the host's */
	struct task_struct *task;
	struct completion work;
	struct exec_map *map; /* while an mmap() is carried out */
	struct ddekit_call call; /* the one that is carried out */
	struct ddekit_call next; /* came while it was: the program's thread was interrupted */
	bool busy, pending, end, ended;
};

/* exec.c */
/** Something happened that the dispatcher has to look at: a thread is done. */
void exec_wake(void);

/* process.c */
/** The process that makes this call; NULL when it is gone already. */
struct exec_process *exec_process_of(const struct ddekit_call *call);
struct exec_thread *exec_thread_of(const struct ddekit_call *call, struct exec_process *p);
/** By its number on the host, or by that of the kernel thread; NULL. */
struct exec_thread *exec_thread_known(int tid);
struct exec_thread *exec_thread_with(int pid);
/** The program's thread for which the running kernel thread is; NULL when it is for none. */
struct exec_thread *exec_current(void);
/** Its next call. */
void exec_thread_run(struct exec_thread *t, const struct ddekit_call *call);
/** Keeps the file table for a child. */
void exec_forked(struct exec_process *p);
/** Begins what had to wait for the end of another call, drops the threads that have ended. */
void exec_go_on(void);
/** Ends what the programs have left, interrupts what nobody waits for any more. */
void exec_check_all(void);
/** Nobody is on the driver. */
bool exec_idle(void);
/** Ends all of a program, -1: of all; false when a call of the driver did not come back. */
bool exec_end(int program);
void exec_signal_all(int sig);
/** Closes here what an exec or a fork on the host has closed. */
void exec_reconcile(struct exec_process *p);

/* next.c */
/** The next call for the dispatcher: ddekit_program_call(), after those that a thread has taken and that are not its own. */
bool exec_next_call(struct ddekit_call *call);
/** The thread's next call, if it comes soon, is in t->call. */
bool exec_look_for_next(struct exec_thread *t);

/* calls.c */
/** Carries out the call of the running thread and answers it. */
void exec_carry_out(struct exec_thread *t);

/* files.c */
/** This process has a file of the driver at fd. */
bool exec_holds(const struct exec_process *p, unsigned int fd);
/** Moves what was opened here as number fd to a number of the program; that, or -errno. */
long exec_hand_out(struct exec_thread *t, long fd, const char *name, bool cloexec);
/** A copy at the lowest free number, not below @from (-1: any); that, or -errno. */
long exec_dup(struct exec_thread *t, unsigned int fd, int from, bool cloexec);
/** @to becomes @from, or is closed when @from is a file of the host's. The host follows. */
void exec_dup2(struct exec_process *p, unsigned int from, unsigned int to);
void exec_close_range(struct exec_process *p, unsigned int first, unsigned int last);
void exec_close(unsigned int fd);

/* signals.c */
/** The kernel thread may be sent what the driver sends to a program (fasync, a broken pipe). */
void exec_signals_allow(void);
/** Sends on what has come for the program's thread. */
void exec_signals_forward(struct exec_thread *t);
/** The owner that F_SETOWN and F_SETOWN_EX name: the program's processes and threads by the kernel threads that stand for them. */
long exec_owner(struct exec_thread *t);

/* direct.c */
/** The call reads or writes a file that is open with O_DIRECT. */
bool exec_is_direct(const struct ddekit_call *call);
long exec_direct(const struct ddekit_call *call);

/* passthrough.c */
/** The call is a command for a disk itself, whose data the block layer would map for the device. */
bool exec_is_passthrough(const struct ddekit_call *call);
long exec_passthrough(const struct ddekit_call *call);

/* paths.c */
/** Mounts what the program may look at. */
int exec_paths_init(void);
/** The path is one of the driver's: it is looked up here and not on the host. @here: it may begin in the folder that the process works in. */
bool exec_path_ours(const struct exec_process *p, int tid, unsigned long user_path, bool here);
/** The running thread works in the folder of its process. Needed by calls with a path. */
void exec_go_home(struct exec_thread *t);
/** chdir() or fchdir() into a folder of the driver's, or (@hosts) out of it. */
long exec_chdir(struct exec_thread *t, bool *hosts);

/* map.c */
/** mmap() of a driver's file: the address, or -errno. */
long exec_mmap(struct exec_thread *t);
/** The process has such a mapping in this range. */
bool exec_maps_at(const struct exec_process *p, unsigned long at, unsigned long size);
/** The range is unmapped. */
void exec_unmap(struct exec_process *p, unsigned long at, unsigned long size);
/** Drops all of a list: the driver's close is called, its file released. */
void exec_unmap_all(struct list_head *maps);
/** Drops what an exec on the host has unmapped. */
void exec_unmap_lost(struct exec_process *p);
/** A child's. */
void exec_copy_maps(const struct list_head *from, struct list_head *to);

/* epoll.c */
/** @hosts: the host adds, changes or takes out what there now is to wait for. */
long exec_epoll_ctl(struct exec_thread *t, bool *hosts);
/** A call may have changed what can be read or written. */
void exec_mirrors_update(void);
/** Lets go of the files that nobody has open any more. */
void exec_mirrors_sweep(void);

/* trace.c */
/** The running thread's call begins, with the program's stack; ends with a value or -errno. Nothing when nobody records `syscall`. */
void exec_trace_entry(struct exec_thread *t);
void exec_trace_exit(struct exec_thread *t, long value);

/* wait.c */
/** poll() or select(): 0 none of the driver's among them, 1 only such, 2 both. */
int exec_wait_kind(struct exec_process *p, const struct ddekit_call *call);
/** With descriptors of both sides. */
long exec_wait_mixed(struct exec_thread *t);
#endif
