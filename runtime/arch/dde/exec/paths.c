// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose a path is, unless --map-path says it. /dev/X: the driver's when its devtmpfs has such a node, and it is none of those that each Linux
 * has. /sys: the driver's when it is there, but for what describes the machine. /proc: the files below, that tell of drivers, and what only is
 * here; with others a program looks at itself.
 */
#include <linux/ctype.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/init_syscalls.h>
#include <linux/kernel.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/string.h>
#include <uapi/linux/mount.h>

#include "exec.h"

#define LONGEST 1024

static const char *const hosts_dev[] = {
	"null",
	"zero",
	"full",
	"random",
	"urandom",
	"tty",
	"console",
	"ptmx",
	"kmsg",
	"mem",
	"port",
	"stdin",
	"stdout",
	"stderr",
	"fd",
	"shm",
	"pts",
};
static const char *const hosts_sys[] = { "devices/system", "fs", "kernel/mm", "kernel/security", "hypervisor" };
static const char *const drivers_proc[] = {
	"interrupts",
	"devices",
	"iomem",
	"ioports",
	"driver",
	"bus",
	"misc",
	"softirqs",
	"irq",
	"asound",
	"scsi",
	"partitions",
	"diskstats",
	"net/dev",
	"tty/driver",
};

static bool below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !strncmp(path, dir, n) && (!path[n] || path[n] == '/');
}

static bool one_of(const char *path, const char *const *dirs, unsigned int n)
{
	while (n--)
		if (below(path, dirs[n]))
			return true;
	return false;
}

static bool is_there(const char *path, bool node)
{
	struct path found;
	int err = kern_path(path, LOOKUP_FOLLOW, &found);
	bool ok;

	if (err)
		return err == -ENOTDIR; /* behind a node, as if it were a folder */
	ok = !node || S_ISCHR(d_inode(found.dentry)->i_mode) || S_ISBLK(d_inode(found.dentry)->i_mode);
	path_put(&found);
	return ok;
}

static bool has_namesake(const char *p)
{
	return below(p, "/dev") || below(p, "/sys") || below(p, "/proc");
}

/* The program's string; false: it cannot be read, or is longer. */
static bool read_path(int tid, unsigned long from, char *path, unsigned int size)
{
	unsigned int n, some;

	for (n = 0; n < size; n += some) {
		/* Never over the end of what is mapped: in steps that end where a line of memory ends. */
		some = min_t(unsigned int, 64 - ((from + n) & 63), size - n);
		if (ddekit_program_read(tid, path + n, from + n, some))
			return false;
		if (memchr(path + n, 0, some))
			return true;
	}
	return false;
}

/* The rule of --map-path for this path, that of the longest folder: 'd', 'h', or 0 when there is none. */
static char ruled(const char *rules, const char *path)
{
	const char *end, *is;
	size_t longest = 0, n;
	char whose = 0;

	for (; *rules; rules = *end ? end + 1 : end) {
		end = strchrnul(rules, '\n');
		for (is = end; is > rules && *is != '='; is--)
			;
		for (n = is - rules; n > 1 && rules[n - 1] == '/'; n--)
			;
		if (n < longest || strncmp(path, rules, n) || (path[n] && path[n] != '/' && n > 1))
			continue;
		longest = n;
		whose = is[1];
	}
	return whose;
}

static bool ours(const struct exec_process *process, const char *p)
{
	char whose;

	while (p[1] == '/')
		p++;
	whose = ruled(ddekit_program_rules(process->program), p);
	if (whose)
		return whose == 'd';
	if (below(p, "/dev"))
		return p[4] && !one_of(p + 5, hosts_dev, ARRAY_SIZE(hosts_dev)) && is_there(p, true);
	if (below(p, "/sys"))
		return p[4] && !one_of(p + 5, hosts_sys, ARRAY_SIZE(hosts_sys)) && is_there(p, false);
	if (below(p, "/proc"))
		return p[5] && is_there(p, false) &&
			(one_of(p + 6, drivers_proc, ARRAY_SIZE(drivers_proc)) ||
			 (!isdigit(p[6]) && !ddekit_program_host_has(p)));
	return false;
}

bool exec_path_ours(const struct exec_process *p, int tid, unsigned long user_path, bool here)
{
	static char path[LONGEST]; /* the dispatcher's alone */
	int n;

	if (!read_path(tid, user_path, path, sizeof(path)))
		return false;
	if (*path == '/')
		return ours(p, path);
	if (!here || !*path)
		return false;
	if (p->cwd.dentry)
		return true;
	/* A folder of the host's that has the name of one here: /dev, /proc, /sys/devices. */
	n = ddekit_program_cwd(tid, path, sizeof(path) / 2);
	if (n <= 0 || !has_namesake(path))
		return false;
	path[n++] = '/';
	return read_path(tid, user_path, path + n, sizeof(path) - n) && ours(p, path);
}

static void work_in(const struct path *cwd)
{
	struct path now;

	get_fs_pwd(current->fs, &now);
	if (!path_equal(&now, cwd))
		set_fs_pwd(current->fs, cwd);
	path_put(&now);
}

void exec_go_home(struct exec_thread *t)
{
	char name[LONGEST / 2];
	struct path cwd;

	if (t->process->cwd.dentry) {
		work_in(&t->process->cwd);
		return;
	}
	/* For a path that begins in a folder of the host's: in its namesake here. */
	if (ddekit_program_cwd(t->tid, name, sizeof(name)) <= 0 || !has_namesake(name) || kern_path(name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &cwd))
		return;
	work_in(&cwd);
	path_put(&cwd);
}

static bool stays(const struct path *cwd)
{
	char name[LONGEST], *p = d_path(cwd, name, sizeof(name));

	return !IS_ERR(p) && has_namesake(p);
}

long exec_chdir(struct exec_thread *t, bool *hosts)
{
	const struct ddekit_call *c = &t->call;
	struct exec_process *p = t->process;
	struct path cwd, old = p->cwd;
	char name[LONGEST];
	struct file *file;
	int err = 0;

	if (c->nr == EXEC_fchdir) {
		file = fget(c->args[0]);
		if (file) {
			cwd = file->f_path;
			path_get(&cwd);
			fput(file);
		}
		*hosts = !file;
	} else if (read_path(c->tid, c->args[0], name, sizeof(name)) && *name == '/' && !ours(p, name)) {
		*hosts = true; /* if it fails there, the next relative path is the host's all the same */
	} else {
		err = user_path_at(AT_FDCWD, (const char __user *)c->args[0], LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &cwd);
	}
	if (err)
		return err;
	if (*hosts) {
		p->cwd.dentry = NULL;
		p->cwd.mnt = NULL;
	} else if (!d_is_dir(cwd.dentry)) {
		path_put(&cwd);
		return -ENOTDIR;
	} else if (!stays(&cwd)) {
		path_put(&cwd);
		return -EACCES; /* by `..` to where the host's folders would be */
	} else {
		p->cwd = cwd;
	}
	if (old.dentry)
		path_put(&old);
	return 0;
}

static int mount_at(const char *type, const char *dir)
{
	int err;

	init_mkdir(dir, 0755);
	err = init_mount(type, dir, type, MS_SILENT, NULL);
	return err == -EBUSY ? 0 : err;
}

int exec_paths_init(void)
{
	static bool done;
	int err;

	if (done)
		return 0;
	err = mount_at("devtmpfs", "/dev");
	if (!err)
		err = mount_at("sysfs", "/sys");
	if (!err)
		err = mount_at("proc", "/proc");
	if (!err)
		init_mount("debugfs", "/sys/kernel/debug", "debugfs", MS_SILENT, NULL);
	done = !err;
	return err;
}
