// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sessions: who owns the memory, and how everything is undone.
 *
 * The end of the owner is seen through an MMU notifier and not by the close of the file: exec
 * keeps an open file, and a child or another process may hold it. The notifier comes before the
 * owner's memory is taken apart, so the device stops before a page can become somebody else's.
 */
#include <linux/dma-mapping.h>
#include <linux/sched/mm.h>

#include "uio_dma.h"

/*
 * uio_dma_check_owner() - may the caller use the session? Under the device's lock.
 *
 * Return: 0, -ENODEV: the device is gone, -ENOTCONN: not started, -EPERM: another's session.
 */
int uio_dma_check_owner(struct uio_dma_file *file)
{
	if (file->dev->gone)
		return -ENODEV;
	if (!file->backend)
		return -ENOTCONN;
	return file->mm == current->mm ? 0 : -EPERM;
}

static int reset_function(struct pci_dev *pdev, bool device_locked)
{
	if (!pci_device_is_present(pdev))
		return -ENODEV;
	/* Never waits for the lock: who unbinds holds it and waits for ours. */
	return device_locked ? pci_reset_function_locked(pdev) : pci_try_reset_function(pdev);
}

/* After this no write of the device is under way. True if it was bus master. */
static bool stop_bus_master(struct pci_dev *pdev)
{
	u16 command = 0;

	if (!pci_device_is_present(pdev))
		return false;
	pci_read_config_word(pdev, PCI_COMMAND, &command);
	pci_clear_master(pdev);
	if (!(command & PCI_COMMAND_MASTER))
		return false;
	/* The read pushes posted writes of the device in front of it. */
	pci_read_config_word(pdev, PCI_COMMAND, &command);
	pci_wait_for_pending_transaction(pdev);
	return true;
}

/*
 * uio_dma_teardown() - ends the session; under the device's lock
 * @device_locked: the caller holds the lock of the struct device
 *
 * The order is what makes it safe: first the device stops, then it loses its addresses, then the
 * memory goes back. The reset comes last of the device's part: a driver that is bound next may
 * switch bus mastering on before it resets the device itself.
 */
void uio_dma_teardown(struct uio_dma_file *file, bool device_locked)
{
	struct pci_dev *pdev = file->dev->pdev;

	if (!file->backend)
		return;
	if (stop_bus_master(pdev))
		reset_function(pdev, device_locked);
	uio_dma_unmap_all(file);
	uio_dma_coherent_free_all(file);
	file->backend->stop(file);
	dma_set_mask(&pdev->dev, file->old_mask);
	dma_set_coherent_mask(&pdev->dev, file->old_coherent_mask);
	file->backend = NULL;
	file->master = false;
	file->suspended = false;
	file->session++;
}

/* The owner's address space ends: exit, exec, crash; or uio_dma_end_owner(). */
static void owner_ends(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	struct uio_dma_file *file = container_of(notifier, struct uio_dma_file, notifier);

	mutex_lock(&file->dev->lock);
	uio_dma_teardown(file, false);
	mutex_unlock(&file->dev->lock);
}

static const struct mmu_notifier_ops notifier_ops = { .release = owner_ends };

/* uio_dma_end_owner() - ends the session, whoever's it is; start_lock held, or the last close */
void uio_dma_end_owner(struct uio_dma_file *file)
{
	struct mm_struct *mm = file->mm;

	if (!mm)
		return;
	/* Calls owner_ends() if it was not called yet, and waits for it if it is running. */
	mmu_notifier_unregister(&file->notifier, mm);
	mutex_lock(&file->dev->lock);
	file->mm = NULL;
	mutex_unlock(&file->dev->lock);
}

static int set_width(struct uio_dma_file *file, unsigned int bits)
{
	struct device *dev = &file->dev->pdev->dev;

	file->old_mask = dma_get_mask(dev);
	file->old_coherent_mask = dev->coherent_dma_mask;
	return dma_set_mask_and_coherent(dev, DMA_BIT_MASK(bits));
}

static int start_locked(struct uio_dma_file *file, struct uio_dma_start *start)
{
	const struct uio_dma_backend *backend =
		start->mode == UIO_DMA_MODE_COPY ? &uio_dma_copy : &uio_dma_zerocopy;
	struct pci_dev *pdev = file->dev->pdev;
	int error;

	if (file->dev->gone)
		return -ENODEV;
	if (file->backend)
		return -EBUSY;
	/* What an earlier user left in the device must not reach this session's memory. */
	stop_bus_master(pdev);
	if (!(start->flags & UIO_DMA_START_NO_RESET) && !reset_function(pdev, false))
		start->flags |= UIO_DMA_START_WAS_RESET;
	error = set_width(file, start->dma_bits);
	if (!error)
		error = backend->start(file);
	if (error) {
		dma_set_mask(&pdev->dev, file->old_mask);
		dma_set_coherent_mask(&pdev->dev, file->old_coherent_mask);
		return error;
	}
	file->mm = current->mm;
	file->session++;
	file->backend = backend;
	return 0;
}

/* Registers first: the session must not begin without a watch on its owner. */
static int start_owned(struct uio_dma_file *file, struct uio_dma_start *start)
{
	int error;

	file->notifier.ops = &notifier_ops;
	error = mmu_notifier_register(&file->notifier, current->mm);
	if (error)
		return error;
	mutex_lock(&file->dev->lock);
	error = start_locked(file, start);
	mutex_unlock(&file->dev->lock);
	if (error)
		mmu_notifier_unregister(&file->notifier, current->mm);
	return error;
}

/* uio_dma_start() - UIO_DMA_IOC_START */
int uio_dma_start(struct uio_dma_file *file, struct uio_dma_start *start)
{
	bool running;
	int error;

	if (start->mode != UIO_DMA_MODE_COPY && start->mode != UIO_DMA_MODE_ZEROCOPY)
		return -EINVAL;
	if (start->dma_bits < 24 || start->dma_bits > 64 || start->reserved ||
	    start->flags & ~UIO_DMA_START_NO_RESET)
		return -EINVAL;
	mutex_lock(&file->start_lock);
	mutex_lock(&file->dev->lock);
	running = file->backend;
	mutex_unlock(&file->dev->lock);
	if (running) {
		error = -EBUSY;
	} else {
		uio_dma_end_owner(file);
		error = start_owned(file, start);
	}
	mutex_unlock(&file->start_lock);
	return error;
}

/* uio_dma_stop() - UIO_DMA_IOC_STOP */
int uio_dma_stop(struct uio_dma_file *file)
{
	int error;

	mutex_lock(&file->start_lock);
	mutex_lock(&file->dev->lock);
	error = uio_dma_check_owner(file);
	mutex_unlock(&file->dev->lock);
	if (!error)
		uio_dma_end_owner(file);
	mutex_unlock(&file->start_lock);
	return error;
}

/* uio_dma_master() - UIO_DMA_IOC_MASTER; under the device's lock, checked */
int uio_dma_master(struct uio_dma_file *file, bool on)
{
	if (on)
		pci_set_master(file->dev->pdev);
	else
		stop_bus_master(file->dev->pdev);
	file->master = on;
	file->suspended = false;
	return 0;
}

/* uio_dma_reset() - UIO_DMA_IOC_RESET; under the device's lock, checked */
int uio_dma_reset(struct uio_dma_file *file)
{
	stop_bus_master(file->dev->pdev);
	file->master = false;
	return reset_function(file->dev->pdev, false);
}
