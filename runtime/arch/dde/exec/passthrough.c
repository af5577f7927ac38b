// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that a program gives to a disk itself (nvme-cli, hdparm, sg3-utils): the block layer maps the program's pages for the device, and
 * those belong to another process. Command and data are taken into memory of this kernel, and the driver's ioctl is called as a kernel
 * thread would call it. The data starts at an odd address: then the block layer copies it, as it does for any program whose buffer is not
 * aligned.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <scsi/sg.h>
#include <uapi/linux/nvme_ioctl.h>

#include "exec.h"

#define MAX_DATA (4 << 20)
#define MAX_CDB 255

/* The running thread's "user" memory is this kernel's own for as long. */
static long own_ioctl(unsigned int fd, unsigned int cmd, void *arg)
{
	struct dde_user *user = dde_user;
	long err;

	current->thread.user = dde_user = NULL;
	err = sys_ioctl(fd, cmd, (unsigned long)arg);
	current->thread.user = dde_user = user;
	return err;
}

/* A copy of the program's bytes at an odd address; NULL when there is no memory, an error when the pointer is wrong. */
static u8 *take(u64 from, u32 n)
{
	u8 *at = kvzalloc(n + 1, GFP_KERNEL);

	if (!at)
		return NULL;
	if (copy_from_user(at + 1, (void __user *)from, n)) {
		kvfree(at);
		return ERR_PTR(-EFAULT);
	}
	return at;
}

static long nvme(unsigned int fd, unsigned int cmd, unsigned long arg)
{
	/* nvme_passthru_cmd and _cmd64 are the same up to the lengths. */
	struct nvme_passthru_cmd64 c;
	u64 user;
	u8 *data = NULL;
	long err;

	if (copy_from_user(&c, (void __user *)arg, _IOC_SIZE(cmd)))
		return -EFAULT;
	if (c.data_len > MAX_DATA || c.metadata_len)
		return -EINVAL;
	user = c.addr;
	if (user && c.data_len) {
		data = take(user, c.data_len);
		if (IS_ERR_OR_NULL(data))
			return data ? PTR_ERR(data) : -ENOMEM;
		c.addr = (unsigned long)data + 1;
	}
	err = own_ioctl(fd, cmd, &c);
	c.addr = user;
	/* Bit 1 of the operation: from the controller (NVM Express, command dword 0). */
	if (data && err >= 0 && (c.opcode & 2) && copy_to_user((void __user *)user, data + 1, c.data_len))
		err = -EFAULT;
	if (err >= 0 && copy_to_user((void __user *)arg, &c, _IOC_SIZE(cmd)))
		err = -EFAULT;
	kvfree(data);
	return err;
}

static long scsi(unsigned int fd, unsigned int cmd, unsigned long arg)
{
	struct sg_io_hdr user, h;
	u8 *data = NULL, cdb[MAX_CDB], sense[MAX_CDB];
	long err;

	if (copy_from_user(&user, (void __user *)arg, sizeof(user)))
		return -EFAULT;
	if (user.interface_id != 'S' || user.iovec_count || user.dxfer_len > MAX_DATA)
		return -EINVAL;
	if (copy_from_user(cdb, user.cmdp, user.cmd_len))
		return -EFAULT;
	h = user;
	h.cmdp = cdb;
	h.sbp = sense;
	if (user.dxferp && user.dxfer_len) {
		data = take((unsigned long)user.dxferp, user.dxfer_len);
		if (IS_ERR_OR_NULL(data))
			return data ? PTR_ERR(data) : -ENOMEM;
		h.dxferp = data + 1;
	}
	err = own_ioctl(fd, cmd, &h);
	if (err >= 0 && data && user.dxfer_direction != SG_DXFER_TO_DEV &&
	    copy_to_user(user.dxferp, data + 1, user.dxfer_len))
		err = -EFAULT;
	if (err >= 0 && user.sbp && copy_to_user(user.sbp, sense, min(h.sb_len_wr, user.mx_sb_len)))
		err = -EFAULT;
	h.dxferp = user.dxferp;
	h.cmdp = user.cmdp;
	h.sbp = user.sbp;
	if (err >= 0 && copy_to_user((void __user *)arg, &h, sizeof(h)))
		err = -EFAULT;
	kvfree(data);
	return err;
}

bool exec_is_passthrough(const struct ddekit_call *c)
{
	switch (c->nr == EXEC_ioctl ? (unsigned int)c->args[1] : 0) {
	case NVME_IOCTL_ADMIN_CMD:
	case NVME_IOCTL_IO_CMD:
	case NVME_IOCTL_ADMIN64_CMD:
	case NVME_IOCTL_IO64_CMD:
	case SG_IO:
		return true;
	default:
		return false;
	}
}

long exec_passthrough(const struct ddekit_call *c)
{
	unsigned int cmd = c->args[1];

	return cmd == SG_IO ? scsi(c->args[0], cmd, c->args[2]) : nvme(c->args[0], cmd, c->args[2]);
}
