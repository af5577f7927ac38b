// SPDX-License-Identifier: GPL-2.0-only
/* The open file. A device is open once at a time: its bus mastering has one owner. */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "uio_dma.h"

/* misc_open() holds the lock that misc_deregister() takes: the device is still there. */
static int open_file(struct inode *inode, struct file *filp)
{
	struct uio_dma_dev *dev = container_of(filp->private_data, struct uio_dma_dev, misc);
	struct uio_dma_file *file;
	int error = 0;

	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	file->dev = dev;
	file->space = filp->f_mapping;
	file->mappings = RB_ROOT_CACHED;
	file->coherent = RB_ROOT_CACHED;
	file->iovas = RB_ROOT_CACHED;
	file->windows = RB_ROOT_CACHED;
	mutex_init(&file->start_lock);
	init_waitqueue_head(&file->wait);

	mutex_lock(&dev->lock);
	if (dev->gone)
		error = -ENODEV;
	else if (dev->file)
		error = -EBUSY;
	else
		dev->file = file;
	mutex_unlock(&dev->lock);
	if (error) {
		kfree(file);
		return error;
	}
	kref_get(&dev->ref);
	filp->private_data = file;
	return stream_open(inode, filp);
}

static int release_file(struct inode *inode, struct file *filp)
{
	struct uio_dma_file *file = filp->private_data;
	struct uio_dma_dev *dev = file->dev;

	uio_dma_end_owner(file);
	mutex_lock(&dev->lock);
	dev->file = NULL;
	mutex_unlock(&dev->lock);
	mutex_destroy(&file->start_lock);
	kfree(file);
	uio_dma_dev_put(dev);
	return 0;
}

static __poll_t poll_file(struct file *filp, poll_table *table)
{
	struct uio_dma_file *file = filp->private_data;
	__poll_t events = 0;

	poll_wait(filp, &file->wait, table);
	mutex_lock(&file->dev->lock);
	if (file->dev->gone)
		events |= EPOLLHUP | EPOLLERR;
	if (file->suspended)
		events |= EPOLLPRI;
	mutex_unlock(&file->dev->lock);
	return events;
}

const struct file_operations uio_dma_fops = {
	.owner = THIS_MODULE,
	.open = open_file,
	.release = release_file,
	.poll = poll_file,
	.mmap = uio_dma_mmap,
	.unlocked_ioctl = uio_dma_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};
