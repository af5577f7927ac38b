// SPDX-License-Identifier: GPL-2.0-only
/* One call of the program, carried out: by Linux's own system call where its arguments mean the same on both sides. */
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <linux/stat.h>
#include <linux/syscalls.h>

#include "../check/left.h"
#include "exec.h"

#define ARGS_6 unsigned long, unsigned long, unsigned long, unsigned long, unsigned long, unsigned long
typedef long (*call_fn)(ARGS_6);

static const struct {
	int nr;
	call_fn fn;
} direct[] = {
#define DIRECT(n, name) { n, (call_fn)(void *)sys_##name },
	EXEC_FD(DIRECT) EXEC_PATH(DIRECT)
#undef DIRECT
};

/* struct stat of x86-64 (arch/x86/include/uapi/asm/stat.h); this architecture's own has another order. */
struct x86_stat {
	u64 dev, ino, nlink;
	u32 mode, uid, gid, pad;
	u64 rdev;
	s64 size, blksize, blocks;
	u64 atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
	s64 unused[3];
};

static long give_stat(int err, const struct kstat *k, unsigned long to)
{
	struct x86_stat s = { 0 };

	if (err)
		return err;
	s.dev = new_encode_dev(k->dev);
	s.ino = k->ino;
	s.nlink = k->nlink;
	s.mode = k->mode;
	s.uid = from_kuid_munged(current_user_ns(), k->uid);
	s.gid = from_kgid_munged(current_user_ns(), k->gid);
	s.rdev = new_encode_dev(k->rdev);
	s.size = k->size;
	s.blksize = k->blksize;
	s.blocks = k->blocks;
	s.atime = k->atime.tv_sec;
	s.atime_nsec = k->atime.tv_nsec;
	s.mtime = k->mtime.tv_sec;
	s.mtime_nsec = k->mtime.tv_nsec;
	s.ctime = k->ctime.tv_sec;
	s.ctime_nsec = k->ctime.tv_nsec;
	return copy_to_user((void __user *)to, &s, sizeof(s)) ? -EFAULT : 0;
}

static long stat_at(int dir, unsigned long path, unsigned long to, int flags)
{
	struct kstat k;
	int err = vfs_fstatat(dir, (const char __user *)path, &k, flags);

	return give_stat(err, &k, to);
}

static long stat_fd(int fd, unsigned long to)
{
	struct kstat k;
	int err = vfs_fstat(fd, &k);

	return give_stat(err, &k, to);
}

static long open_at(struct exec_thread *t, int dir, unsigned long path, unsigned int flags, unsigned int mode)
{
	char name[100];
	long n = strncpy_from_user(name, (const char __user *)path, sizeof(name) - 1);

	if (n < 0)
		return n;
	name[min_t(long, n, sizeof(name) - 1)] = 0;
	return exec_hand_out(t, sys_openat(dir, (const char __user *)path, flags | O_LARGEFILE, mode), name, flags & O_CLOEXEC);
}

static long open_how(struct exec_thread *t, const unsigned long *a)
{
	u64 flags;

	/* struct open_how begins with them. */
	if (copy_from_user(&flags, (void __user *)a[2], sizeof(flags)))
		return -EFAULT;
	return exec_hand_out(t, sys_openat2(a[0], (const char __user *)a[1], (struct open_how __user *)a[2], a[3]), "open",
			     flags & O_CLOEXEC);
}

static long file_control(struct exec_thread *t, const unsigned long *a, bool *hosts)
{
	switch (a[1]) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return exec_dup(t, a[0], a[2] < EXEC_MAX_FDS ? a[2] : 0, a[1] == F_DUPFD_CLOEXEC);
	case F_GETFD:
	case F_SETFD:
		*hosts = true; /* looked at again after each exec */
		return 0;
	case F_SETOWN:
	case F_GETOWN:
	case F_SETOWN_EX:
	case F_GETOWN_EX:
		return exec_owner(t);
	default:
		return sys_fcntl(a[0], a[1], a[2]);
	}
}

/* What is not the host's; @hosts: the host carries the call out as well, now that this side has followed. */
static long carry_out(struct exec_thread *t, bool *hosts)
{
	const unsigned long *a = t->call.args;
	struct exec_process *p = t->process;
	unsigned int i;

	if (exec_is_direct(&t->call))
		return exec_direct(&t->call);
	if (exec_is_passthrough(&t->call))
		return exec_passthrough(&t->call);
	for (i = 0; i < ARRAY_SIZE(direct); i++)
		if (direct[i].nr == t->call.nr)
			return direct[i].fn(a[0], a[1], a[2], a[3], a[4], a[5]);
	switch (t->call.nr) {
	case EXEC_open:
		return open_at(t, AT_FDCWD, a[0], a[1], a[2]);
	case EXEC_creat:
		return open_at(t, AT_FDCWD, a[0], O_CREAT | O_WRONLY | O_TRUNC, a[1]);
	case EXEC_openat:
		return open_at(t, a[0], a[1], a[2], a[3]);
	case EXEC_openat2:
		return open_how(t, a);
	case EXEC_chdir:
	case EXEC_fchdir:
		return exec_chdir(t, hosts);
	case EXEC_getcwd:
		return sys_getcwd((char __user *)a[0], a[1]);
	case EXEC_epoll_ctl:
		return exec_epoll_ctl(t, hosts);
	case EXEC_stat:
		return stat_at(AT_FDCWD, a[0], a[1], 0);
	case EXEC_lstat:
		return stat_at(AT_FDCWD, a[0], a[1], AT_SYMLINK_NOFOLLOW);
	case EXEC_fstat:
		return stat_fd(a[0], a[1]);
	case EXEC_newfstatat:
		return (a[3] & AT_EMPTY_PATH) && exec_holds(p, a[0]) ? stat_fd(a[0], a[2]) : stat_at(a[0], a[1], a[2], a[3]);
	case EXEC_statx:
		return sys_statx(a[0], (const char __user *)a[1], a[2], a[3], (struct statx __user *)a[4]);
	case EXEC_access:
		return sys_faccessat(AT_FDCWD, (const char __user *)a[0], a[1]);
	case EXEC_faccessat:
		return sys_faccessat(a[0], (const char __user *)a[1], a[2]);
	case EXEC_faccessat2:
		return sys_faccessat2(a[0], (const char __user *)a[1], a[2], a[3]);
	case EXEC_readlink:
		return sys_readlinkat(AT_FDCWD, (const char __user *)a[0], (char __user *)a[1], a[2]);
	case EXEC_readlinkat:
		return sys_readlinkat(a[0], (const char __user *)a[1], (char __user *)a[2], a[3]);
	case EXEC_fcntl:
		return file_control(t, a, hosts);
	case EXEC_dup:
		return exec_dup(t, a[0], -1, false);
	case EXEC_dup2:
	case EXEC_dup3:
		exec_dup2(p, a[0], a[1]);
		*hosts = true;
		return 0;
	case EXEC_close:
		exec_close(a[0]);
		*hosts = true;
		return 0;
	case EXEC_close_range:
		exec_close_range(p, a[0], a[1]);
		*hosts = true;
		return 0;
	case EXEC_exit_group:
		exec_close_range(p, 0, ~0U);
		exec_unmap_all(&p->maps);
		*hosts = true;
		return 0;
	case EXEC_socket:
		return exec_hand_out(t, sys_socket(a[0], a[1], a[2]), "socket", a[1] & SOCK_CLOEXEC);
	case EXEC_accept:
	case EXEC_accept4:
		return exec_hand_out(t, sys_accept4(a[0], (void __user *)a[1], (int __user *)a[2], t->call.nr == EXEC_accept ? 0 : a[3]),
				     "socket", t->call.nr == EXEC_accept4 && (a[3] & SOCK_CLOEXEC));
	case EXEC_fadvise64:
		return 0;
	case EXEC_mmap:
		return exec_mmap(t);
	case EXEC_munmap:
		exec_unmap(p, a[0], a[1]);
		*hosts = true;
		return 0;
	case EXEC_poll:
		if (exec_wait_kind(p, &t->call) == 1)
			return sys_poll((void __user *)a[0], a[1], a[2]);
		return exec_wait_mixed(t);
	case EXEC_ppoll:
		if (exec_wait_kind(p, &t->call) == 1)
			return sys_ppoll((void __user *)a[0], a[1], (void __user *)a[2], NULL, 0);
		return exec_wait_mixed(t);
	case EXEC_select:
		if (exec_wait_kind(p, &t->call) == 1)
			return sys_select(a[0], (void __user *)a[1], (void __user *)a[2], (void __user *)a[3], (void __user *)a[4]);
		return exec_wait_mixed(t);
	case EXEC_pselect6:
		if (exec_wait_kind(p, &t->call) == 1)
			return sys_pselect6(a[0], (void __user *)a[1], (void __user *)a[2], (void __user *)a[3], (void __user *)a[4], NULL);
		return exec_wait_mixed(t);
	case EXEC_sendfile:
	case EXEC_splice:
	case EXEC_copy_file_range:
		return -EINVAL; /* between two kernels; programs go on with read and write */
	default:
		*hosts = true;
		return 0;
	}
}

/* What Linux returns to its own entry code when a signal came; a program sees one of two. */
static long as_seen(long value)
{
	switch (value) {
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -ERESTARTNOHAND:
	case -ERESTART_RESTARTBLOCK:
		return -EINTR;
	default:
		return value;
	}
}

static bool by_path(const struct ddekit_call *c)
{
	switch (c->nr) {
		EXEC_PATH(EXEC_CASE)
		EXEC_PATH_OTHER(EXEC_CASE)
		EXEC_AT(EXEC_CASE)
	case EXEC_getcwd:
		return true;
	default:
		return false;
	}
}

void exec_carry_out(struct exec_thread *t)
{
	struct dde_context before;
	bool hosts = false;
	long value;

	if (t->call.nr != EXEC_exit_group && !ddekit_program_waits(t->call.id))
		return;
	if (by_path(&t->call))
		exec_go_home(t);
	exec_signals_forward(t); /* one that was meant for the call before */
	exec_trace_entry(t);
	before = dde_context_now();
	value = as_seen(carry_out(t, &hosts));
	dde_left_check(before, 0);
	exec_trace_exit(t, value);
	exec_signals_forward(t);
	exec_mirrors_update();
	if (hosts)
		ddekit_program_continue(t->call.id);
	else
		ddekit_program_reply(t->call.id, value);
}
