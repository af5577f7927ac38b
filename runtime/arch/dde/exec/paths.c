// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose a path is. /dev/X: the driver's when its devtmpfs has such a node, and it is none of those that each Linux has. /sys: the driver's
 * when it is there, but for what describes the machine. /proc: the files below, that tell of drivers; with others a program looks at itself.
 */
#include <linux/fs.h>
#include <linux/init_syscalls.h>
#include <linux/kernel.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/string.h>
#include <uapi/linux/mount.h>

#include "exec.h"

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

bool exec_path_ours(int tid, unsigned long user_path)
{
	static char path[512]; /* the dispatcher's alone */
	char *p = path;
	unsigned int n;

	for (n = 0; n < sizeof(path); n += 64) {
		unsigned int some = 64 - ((user_path + n) & 63);

		/* Never over the end of what is mapped: in steps that end where a line of memory ends. */
		some = min_t(unsigned int, some, sizeof(path) - n);
		if (ddekit_program_read(tid, path + n, user_path + n, some))
			return false;
		if (memchr(path + n, 0, some))
			break;
		n -= 64 - some;
	}
	if (n >= sizeof(path))
		return false;
	path[sizeof(path) - 1] = 0;
	if (*p != '/')
		return false; /* relative to a directory of the host */
	while (p[1] == '/')
		p++;
	if (below(p, "/dev"))
		return p[4] && !one_of(p + 5, hosts_dev, ARRAY_SIZE(hosts_dev)) && is_there(p, true);
	if (below(p, "/sys"))
		return p[4] && !one_of(p + 5, hosts_sys, ARRAY_SIZE(hosts_sys)) && is_there(p, false);
	if (below(p, "/proc"))
		return p[5] && one_of(p + 6, drivers_proc, ARRAY_SIZE(drivers_proc)) && is_there(p, false);
	return false;
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
