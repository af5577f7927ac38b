// SPDX-License-Identifier: GPL-2.0-only
/* The system calls: everything that comes from the user is copied once and checked here or below. */
#include <linux/dma-mapping.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "uio_dma.h"

static void query_device(struct uio_dma_file *file, struct uio_dma_query *query)
{
	struct pci_dev *pdev = file->dev->pdev;

	query->capabilities = UIO_DMA_CAP_COPY;
	if (uio_dma_zerocopy_possible(pdev))
		query->capabilities |= UIO_DMA_CAP_ZEROCOPY | UIO_DMA_CAP_ARENA;
	if (uio_dma_translated(pdev))
		query->capabilities |= UIO_DMA_CAP_ISOLATED;
	query->dma_mask = dma_get_mask(&pdev->dev);
}

static void query_session(struct uio_dma_file *file, struct uio_dma_query *query)
{
	if (file->backend) {
		query->mode = file->backend->mode;
		query->max_map = file->backend->max_map;
		query->state = UIO_DMA_STATE_STARTED;
		if (file->mm == current->mm)
			query->state |= UIO_DMA_STATE_OWNER;
	}
	if (file->master)
		query->state |= UIO_DMA_STATE_MASTER;
	if (file->suspended)
		query->state |= UIO_DMA_STATE_SUSPENDED;
	query->iova_first = file->iova_first;
	query->iova_last = file->iova_last;
	query->coherent = file->coherent_count;
	query->mappings = file->charged_mappings - file->coherent_count;
	query->bytes = file->charged_pages << PAGE_SHIFT;
	query->pinned_pages = file->pinned;
}

static long ioctl_query(struct uio_dma_file *file, void __user *arg)
{
	struct uio_dma_query query = { .version = UIO_DMA_API_VERSION };
	int error = 0;

	mutex_lock(&file->dev->lock);
	if (file->dev->gone) {
		error = -ENODEV;
	} else {
		query_device(file, &query);
		query_session(file, &query);
		uio_dma_limits(&query);
	}
	mutex_unlock(&file->dev->lock);
	if (error)
		return error;
	return copy_to_user(arg, &query, sizeof(query)) ? -EFAULT : 0;
}

static long ioctl_start(struct uio_dma_file *file, void __user *arg)
{
	struct uio_dma_start start;
	int error;

	if (copy_from_user(&start, arg, sizeof(start)))
		return -EFAULT;
	error = uio_dma_start(file, &start);
	if (!error && copy_to_user(arg, &start, sizeof(start)))
		error = -EFAULT;
	return error;
}

static long ioctl_device(struct uio_dma_file *file, unsigned int cmd, unsigned long arg)
{
	int error;

	if (cmd == UIO_DMA_IOC_MASTER && arg > 1)
		return -EINVAL;
	mutex_lock(&file->dev->lock);
	error = uio_dma_check_owner(file);
	if (!error)
		error = cmd == UIO_DMA_IOC_MASTER ? uio_dma_master(file, arg) : uio_dma_reset(file);
	mutex_unlock(&file->dev->lock);
	return error;
}

static int run_op(struct uio_dma_file *file, struct uio_dma_op *op)
{
	switch (op->op) {
	case UIO_DMA_OP_MAP:
		return uio_dma_map(file, op);
	case UIO_DMA_OP_UNMAP:
		return uio_dma_unmap(file, op);
	case UIO_DMA_OP_SYNC_FOR_CPU:
		return uio_dma_sync(file, op, true);
	case UIO_DMA_OP_SYNC_FOR_DEVICE:
		return uio_dma_sync(file, op, false);
	}
	return -EINVAL;
}

/* A mapping whose address the user never learned would stay until the end: it is undone. */
static int give_back(struct uio_dma_file *file, struct uio_dma_op __user *to, struct uio_dma_op *op)
{
	if (!copy_to_user(to, op, sizeof(*op)))
		return 0;
	if (op->op == UIO_DMA_OP_MAP && !op->error) {
		op->flags = UIO_DMA_SKIP_SYNC;
		uio_dma_unmap(file, op);
	}
	return -EFAULT;
}

static long ioctl_op(struct uio_dma_file *file, u32 opcode, struct uio_dma_op __user *arg)
{
	struct uio_dma_op op;
	int error;

	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	op.op = opcode;
	op.error = 0;
	error = run_op(file, &op);
	if (!error && opcode == UIO_DMA_OP_MAP)
		error = give_back(file, arg, &op);
	return error;
}

static int run_batch(struct uio_dma_file *file, struct uio_dma_batch *batch)
{
	struct uio_dma_op __user *entry = u64_to_user_ptr(batch->entries);
	struct uio_dma_op op;

	for (; batch->done < batch->count; entry++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		if (copy_from_user(&op, entry, sizeof(op)))
			return -EFAULT;
		op.error = 0;
		op.error = run_op(file, &op);
		if (give_back(file, entry, &op))
			return -EFAULT;
		batch->done++;
		if (op.error) {
			batch->failed++;
			if (!(batch->flags & UIO_DMA_BATCH_CONTINUE))
				break;
		}
		cond_resched();
	}
	return 0;
}

static long ioctl_batch(struct uio_dma_file *file, void __user *arg)
{
	struct uio_dma_batch batch;
	int error;

	if (copy_from_user(&batch, arg, sizeof(batch)))
		return -EFAULT;
	if (!batch.count || batch.count > UIO_DMA_MAX_BATCH ||
	    batch.flags & ~UIO_DMA_BATCH_CONTINUE)
		return -EINVAL;
	batch.done = 0;
	batch.failed = 0;
	error = run_batch(file, &batch);
	/* Also after a fault: the caller must know what was done. */
	if (copy_to_user(arg, &batch, sizeof(batch)))
		error = -EFAULT;
	return error;
}

static long ioctl_address(struct uio_dma_file *file, void __user *arg)
{
	struct uio_dma_address address;
	int error;

	if (copy_from_user(&address, arg, sizeof(address)))
		return -EFAULT;
	error = uio_dma_address(file, &address);
	if (!error && copy_to_user(arg, &address, sizeof(address)))
		error = -EFAULT;
	return error;
}

/* uio_dma_ioctl() - see uapi/uio_dma.h */
long uio_dma_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct uio_dma_file *file = filp->private_data;
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case UIO_DMA_IOC_QUERY:
		return ioctl_query(file, user);
	case UIO_DMA_IOC_START:
		return ioctl_start(file, user);
	case UIO_DMA_IOC_STOP:
		return uio_dma_stop(file);
	case UIO_DMA_IOC_MASTER:
	case UIO_DMA_IOC_RESET:
		return ioctl_device(file, cmd, arg);
	case UIO_DMA_IOC_MAP:
		return ioctl_op(file, UIO_DMA_OP_MAP, user);
	case UIO_DMA_IOC_UNMAP:
		return ioctl_op(file, UIO_DMA_OP_UNMAP, user);
	case UIO_DMA_IOC_SYNC_FOR_CPU:
		return ioctl_op(file, UIO_DMA_OP_SYNC_FOR_CPU, user);
	case UIO_DMA_IOC_SYNC_FOR_DEVICE:
		return ioctl_op(file, UIO_DMA_OP_SYNC_FOR_DEVICE, user);
	case UIO_DMA_IOC_BATCH:
		return ioctl_batch(file, user);
	case UIO_DMA_IOC_ADDRESS:
		return ioctl_address(file, user);
	}
	return -ENOTTY;
}
