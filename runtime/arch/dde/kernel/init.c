// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for fs/binfmt_elf.c, the way into "user mode": pid 1 executes /init as on any Linux; the format handler below accepts exactly that file, and the
 * thread then runs the workload instead of a program. So the kernel is fully up (system_state, async probes, rootfs) and
 * nothing of init/main.c is replaced.
 */
#include <linux/binfmts.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/task_work.h>

#include "dde.h"

const struct dde_program *dde_program;

static int load_init(struct linux_binprm *bprm)
{
	return is_global_init(current) ? 0 : -ENOEXEC;
}

static struct linux_binfmt init_format = {
	.load_binary = load_init,
};

static int __init make_init(void)
{
	struct file *f;

	register_binfmt(&init_format);
	f = filp_open("/init", O_CREAT | O_WRONLY, 0755);
	if (IS_ERR(f))
		return PTR_ERR(f);
	filp_close(f, NULL);
	/* The last reference falls on the way to user mode; until then the file counts as being written and cannot be executed. */
	task_work_run();
	return 0;
}
late_initcall(make_init);
