// SPDX-License-Identifier: GPL-2.0-only
/* Descriptors: a file of the driver's has the same number here as what stands for it in the program's process. */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/rcupdate.h>

#include "exec.h"

bool exec_holds(const struct exec_process *p, unsigned int fd)
{
	bool held;

	rcu_read_lock();
	held = fd < files_fdtable(p->files)->max_fds && files_lookup_fd_raw(p->files, fd);
	rcu_read_unlock();
	return held;
}

/* The driver's release has run when the program's close returns: what a kernel thread puts is left to a work otherwise. */
void exec_close(unsigned int fd)
{
	close_fd(fd);
	exec_mirrors_sweep();
	flush_delayed_fput();
}

static long install(struct file *file, long at, bool cloexec)
{
	long err = replace_fd(at, file, cloexec ? O_CLOEXEC : 0);

	return err < 0 ? err : at;
}

long exec_hand_out(struct exec_thread *t, long fd, const char *name, bool cloexec)
{
	struct file *file;
	long at;

	if (fd < 0)
		return fd;
	file = fget(fd);
	close_fd(fd);
	if (!file)
		return -EBADF;
	at = ddekit_program_descriptor(t->call.id, name, -1, cloexec);
	if (at >= 0)
		at = install(file, at, cloexec);
	fput(file);
	if (at < 0)
		flush_delayed_fput();
	return at;
}

long exec_dup(struct exec_thread *t, unsigned int fd, int from, bool cloexec)
{
	struct file *file = fget(fd);
	long at;

	if (!file)
		return -EBADF;
	if (from >= 0)
		from = ddekit_program_free(t->process->id, from);
	at = ddekit_program_descriptor(t->call.id, "dup", from, cloexec);
	if (at >= 0)
		at = install(file, at, cloexec);
	fput(file);
	return at;
}

void exec_dup2(struct exec_process *p, unsigned int from, unsigned int to)
{
	struct file *file = fget(from);

	if (from == to) {
		if (file)
			fput(file);
		return;
	}
	if (file) {
		install(file, to, false);
		fput(file);
		exec_mirrors_sweep();
		flush_delayed_fput();
	} else if (ddekit_program_free(p->id, from) != from) { /* otherwise the host says EBADF and closes nothing */
		exec_close(to);
	}
}

void exec_close_range(struct exec_process *p, unsigned int first, unsigned int last)
{
	unsigned int fd;

	for (fd = first; fd < EXEC_MAX_FDS && fd <= last; fd++)
		if (exec_holds(p, fd))
			exec_close(fd);
}
