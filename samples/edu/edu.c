// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's edu device (docs/specs/edu) as a character device: read() and write() move bytes between the program and the device's buffer of
 * 4 KiB by DMA, ioctl() for what edu.h lists, poll() and SIGIO for interrupts, mmap() of the coherent buffer that DMA goes through.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "edu.h"

#define REG_IDENT 0x00
#define REG_LIVENESS 0x04
#define REG_FACTORIAL 0x08
#define REG_STATUS 0x20
#define STATUS_COMPUTING 0x01
#define STATUS_IRQ_FACTORIAL 0x80
#define REG_IRQ_STATUS 0x24
#define REG_IRQ_RAISE 0x60
#define REG_IRQ_ACK 0x64
#define REG_DMA_FROM 0x80
#define REG_DMA_TO 0x88
#define REG_DMA_COUNT 0x90
#define REG_DMA_COMMAND 0x98
#define DMA_RUN 0x1
#define DMA_FROM_DEVICE_BIT 0x2
#define DMA_IRQ 0x4
#define DEVICE_BUFFER 0x40000

#define IRQ_FACTORIAL 0x001
#define IRQ_DMA 0x100
/* Values that the program may raise: none of the device's own two. */
#define IRQ_USER_MASK 0xfffffefeU

static unsigned int dma_bits = 28;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "address bits of the device's DMA (28; QEMU's property dma_mask)");

struct edu {
	struct kref ref;
	struct pci_dev *pdev;
	void __iomem *regs;
	struct miscdevice misc;
	struct mutex lock; /* one user of the device at a time; guards gone */
	bool gone;
	u8 *buffer;
	dma_addr_t bus;
	struct completion factorial, dma;
	spinlock_t event_lock;
	struct edu_event event;
	wait_queue_head_t wait;
	struct fasync_struct *async;
};

static void edu_free(struct kref *ref)
{
	kfree(container_of(ref, struct edu, ref));
}

static irqreturn_t edu_irq(int irq, void *arg)
{
	struct edu *edu = arg;
	u32 status = ioread32(edu->regs + REG_IRQ_STATUS);

	if (!status)
		return IRQ_NONE;
	iowrite32(status, edu->regs + REG_IRQ_ACK);
	if (status & IRQ_FACTORIAL)
		complete(&edu->factorial);
	if (status & IRQ_DMA)
		complete(&edu->dma);
	if (status & IRQ_USER_MASK) {
		spin_lock(&edu->event_lock);
		edu->event.value = status & IRQ_USER_MASK;
		edu->event.count++;
		spin_unlock(&edu->event_lock);
		wake_up_interruptible(&edu->wait);
		kill_fasync(&edu->async, SIGIO, POLL_IN);
	}
	return IRQ_HANDLED;
}

static int edu_open(struct inode *inode, struct file *file)
{
	struct edu *edu = container_of(file->private_data, struct edu, misc);

	kref_get(&edu->ref);
	file->private_data = edu;
	return 0;
}

static int edu_fasync(int fd, struct file *file, int on)
{
	struct edu *edu = file->private_data;

	return fasync_helper(fd, file, on, &edu->async);
}

static int edu_release(struct inode *inode, struct file *file)
{
	struct edu *edu = file->private_data;

	kref_put(&edu->ref, edu_free);
	return 0;
}

/* The device and its user; the caller unlocks. */
static int edu_claim(struct edu *edu)
{
	if (mutex_lock_interruptible(&edu->lock))
		return -ERESTARTSYS;
	if (!edu->gone)
		return 0;
	mutex_unlock(&edu->lock);
	return -ENODEV;
}

/* Bytes between the coherent buffer and the device's, at the same offset in both. */
static int edu_dma(struct edu *edu, u32 offset, u32 count, bool from_device)
{
	u64 bus = edu->bus + offset, device = DEVICE_BUFFER + offset;

	reinit_completion(&edu->dma);
	lo_hi_writeq(from_device ? device : bus, edu->regs + REG_DMA_FROM);
	lo_hi_writeq(from_device ? bus : device, edu->regs + REG_DMA_TO);
	lo_hi_writeq(count, edu->regs + REG_DMA_COUNT);
	lo_hi_writeq(DMA_RUN | DMA_IRQ | (from_device ? DMA_FROM_DEVICE_BIT : 0), edu->regs + REG_DMA_COMMAND);
	return wait_for_completion_timeout(&edu->dma, HZ) ? 0 : -EIO;
}

static ssize_t edu_read(struct file *file, char __user *to, size_t count, loff_t *pos)
{
	struct edu *edu = file->private_data;
	ssize_t n;

	if (*pos < 0)
		return -EINVAL;
	if (*pos >= EDU_BUFFER_SIZE || !count)
		return 0;
	n = min_t(size_t, count, EDU_BUFFER_SIZE - *pos);
	if (edu_claim(edu))
		return edu->gone ? -ENODEV : -ERESTARTSYS;
	if (edu_dma(edu, *pos, n, true))
		n = -EIO;
	else if (copy_to_user(to, edu->buffer + *pos, n))
		n = -EFAULT;
	mutex_unlock(&edu->lock);
	if (n > 0)
		*pos += n;
	return n;
}

static ssize_t edu_write(struct file *file, const char __user *from, size_t count, loff_t *pos)
{
	struct edu *edu = file->private_data;
	ssize_t n;

	if (*pos < 0)
		return -EINVAL;
	if (!count)
		return 0;
	if (*pos >= EDU_BUFFER_SIZE)
		return -ENOSPC;
	n = min_t(size_t, count, EDU_BUFFER_SIZE - *pos);
	if (edu_claim(edu))
		return edu->gone ? -ENODEV : -ERESTARTSYS;
	if (copy_from_user(edu->buffer + *pos, from, n))
		n = -EFAULT;
	else if (edu_dma(edu, *pos, n, false))
		n = -EIO;
	mutex_unlock(&edu->lock);
	if (n > 0)
		*pos += n;
	return n;
}

static loff_t edu_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, EDU_BUFFER_SIZE);
}

static int edu_factorial(struct edu *edu, u32 *value)
{
	reinit_completion(&edu->factorial);
	iowrite32(STATUS_IRQ_FACTORIAL, edu->regs + REG_STATUS);
	iowrite32(*value, edu->regs + REG_FACTORIAL);
	if (!wait_for_completion_timeout(&edu->factorial, HZ))
		return -EIO;
	*value = ioread32(edu->regs + REG_FACTORIAL);
	return 0;
}

static bool edu_take(struct edu *edu, struct edu_event *event)
{
	unsigned long flags;

	spin_lock_irqsave(&edu->event_lock, flags);
	*event = edu->event;
	memset(&edu->event, 0, sizeof(edu->event));
	spin_unlock_irqrestore(&edu->event_lock, flags);
	return event->count;
}

static long edu_wait_event(struct edu *edu, struct file *file, struct edu_event __user *to)
{
	struct edu_event event = { 0 };
	int err;

	if (file->f_flags & O_NONBLOCK) {
		if (!edu_take(edu, &event))
			return edu->gone ? -ENODEV : -EAGAIN;
	} else {
		err = wait_event_interruptible(edu->wait, edu_take(edu, &event) || READ_ONCE(edu->gone));
		if (err)
			return err;
		if (!event.count)
			return -ENODEV;
	}
	return copy_to_user(to, &event, sizeof(event)) ? -EFAULT : 0;
}

static long edu_with_device(struct edu *edu, unsigned int cmd, u32 *value)
{
	switch (cmd) {
	case EDU_IDENT:
		*value = ioread32(edu->regs + REG_IDENT);
		return 0;
	case EDU_LIVENESS:
		iowrite32(*value, edu->regs + REG_LIVENESS);
		*value = ioread32(edu->regs + REG_LIVENESS);
		return 0;
	case EDU_FACTORIAL:
		return edu_factorial(edu, value);
	case EDU_RAISE:
		if (!*value || (*value & ~IRQ_USER_MASK))
			return -EINVAL;
		iowrite32(*value, edu->regs + REG_IRQ_RAISE);
		return 0;
	default:
		return -ENOTTY;
	}
}

static long edu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct edu *edu = file->private_data;
	u32 __user *user = (u32 __user *)arg;
	u32 value = 0;
	long err;

	if (cmd == EDU_TAKE)
		return edu_wait_event(edu, file, (struct edu_event __user *)arg);
	if (_IOC_TYPE(cmd) != 'e' || _IOC_NR(cmd) > _IOC_NR(EDU_RAISE))
		return -ENOTTY;
	if ((_IOC_DIR(cmd) & _IOC_WRITE) && get_user(value, user))
		return -EFAULT;
	err = edu_claim(edu);
	if (err)
		return err;
	err = edu_with_device(edu, cmd, &value);
	mutex_unlock(&edu->lock);
	if (!err && (_IOC_DIR(cmd) & _IOC_READ) && put_user(value, user))
		return -EFAULT;
	return err;
}

static __poll_t edu_poll(struct file *file, poll_table *table)
{
	struct edu *edu = file->private_data;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &edu->wait, table);
	if (READ_ONCE(edu->gone))
		mask = EPOLLERR | EPOLLHUP;
	else if (READ_ONCE(edu->event.count))
		mask |= EPOLLIN | EPOLLRDNORM;
	return mask;
}

static int edu_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct edu *edu = file->private_data;

	return dma_mmap_coherent(&edu->pdev->dev, vma, edu->buffer, edu->bus, EDU_BUFFER_SIZE);
}

static const struct file_operations edu_fops = {
	.owner = THIS_MODULE,
	.open = edu_open,
	.release = edu_release,
	.read = edu_read,
	.write = edu_write,
	.llseek = edu_llseek,
	.unlocked_ioctl = edu_ioctl,
	.poll = edu_poll,
	.fasync = edu_fasync,
	.mmap = edu_mmap,
};

static ssize_t ident_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct edu *edu = container_of((struct miscdevice *)dev_get_drvdata(dev), struct edu, misc);

	return sysfs_emit(buf, "0x%08x\n", ioread32(edu->regs + REG_IDENT));
}
static DEVICE_ATTR_RO(ident);

static ssize_t liveness_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct edu *edu = container_of((struct miscdevice *)dev_get_drvdata(dev), struct edu, misc);

	return sysfs_emit(buf, "0x%08x\n", ioread32(edu->regs + REG_LIVENESS));
}

static ssize_t liveness_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	struct edu *edu = container_of((struct miscdevice *)dev_get_drvdata(dev), struct edu, misc);
	u32 value;
	int err = kstrtou32(buf, 0, &value);

	if (err)
		return err;
	iowrite32(value, edu->regs + REG_LIVENESS);
	return count;
}
static DEVICE_ATTR_RW(liveness);

static struct attribute *edu_attrs[] = { &dev_attr_ident.attr, &dev_attr_liveness.attr, NULL };
ATTRIBUTE_GROUPS(edu);

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu = kzalloc(sizeof(*edu), GFP_KERNEL);
	int err;

	if (!edu)
		return -ENOMEM;
	kref_init(&edu->ref);
	edu->pdev = pdev;
	mutex_init(&edu->lock);
	spin_lock_init(&edu->event_lock);
	init_waitqueue_head(&edu->wait);
	init_completion(&edu->factorial);
	init_completion(&edu->dma);
	err = pci_enable_device_mem(pdev);
	if (err)
		goto free;
	err = pci_request_region(pdev, 0, "edu");
	if (err)
		goto disable;
	edu->regs = pci_iomap(pdev, 0, 0);
	if (!edu->regs) {
		err = -ENOMEM;
		goto release;
	}
	pci_set_master(pdev);
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(dma_bits));
	if (err)
		goto unmap;
	edu->buffer = dma_alloc_coherent(&pdev->dev, EDU_BUFFER_SIZE, &edu->bus, GFP_KERNEL);
	if (!edu->buffer) {
		err = -ENOMEM;
		goto unmap;
	}
	err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (err < 0)
		goto free_buffer;
	err = request_irq(pci_irq_vector(pdev, 0), edu_irq, IRQF_SHARED, "edu", edu);
	if (err)
		goto free_vectors;
	edu->misc.minor = MISC_DYNAMIC_MINOR;
	edu->misc.name = "edu0";
	edu->misc.fops = &edu_fops;
	edu->misc.groups = edu_groups;
	edu->misc.parent = &pdev->dev;
	err = misc_register(&edu->misc);
	if (err)
		goto free_irq;
	pci_set_drvdata(pdev, edu);
	return 0;

free_irq:
	free_irq(pci_irq_vector(pdev, 0), edu);
free_vectors:
	pci_free_irq_vectors(pdev);
free_buffer:
	dma_free_coherent(&pdev->dev, EDU_BUFFER_SIZE, edu->buffer, edu->bus);
unmap:
	pci_clear_master(pdev);
	pci_iounmap(pdev, edu->regs);
release:
	pci_release_region(pdev, 0);
disable:
	pci_disable_device(pdev);
free:
	kfree(edu);
	return err;
}

static void edu_remove(struct pci_dev *pdev)
{
	struct edu *edu = pci_get_drvdata(pdev);

	misc_deregister(&edu->misc);
	mutex_lock(&edu->lock);
	edu->gone = true;
	mutex_unlock(&edu->lock);
	wake_up_interruptible(&edu->wait);
	free_irq(pci_irq_vector(pdev, 0), edu);
	pci_free_irq_vectors(pdev);
	dma_free_coherent(&pdev->dev, EDU_BUFFER_SIZE, edu->buffer, edu->bus);
	pci_clear_master(pdev);
	pci_iounmap(pdev, edu->regs);
	pci_release_region(pdev, 0);
	pci_disable_device(pdev);
	kref_put(&edu->ref, edu_free);
}

static const struct pci_device_id edu_ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, {} };
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = { .name = "edu", .id_table = edu_ids, .probe = edu_probe, .remove = edu_remove };
module_pci_driver(edu_driver);

MODULE_DESCRIPTION("QEMU's edu device as a character device");
MODULE_LICENSE("GPL");
