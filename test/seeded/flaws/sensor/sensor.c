// SPDX-License-Identifier: GPL-2.0-only
// char device of its own class, INTx/MSI, ioctl
#include "../common.h"
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/timer.h>
#include <linux/kfifo.h>

#define IOC_KICK _IO('s', 1)
#define IOC_INFO _IOR('s', 2, struct sensor_info)
#define IOC_SET  _IOW('s', 3, u32)
struct sensor_info { u32 ident; u8 state; u64 stamp; char name[12]; };

struct sensor {
	struct pci_dev *pdev;
	void __iomem *regs;
	struct cdev cdev;
	struct class *cls;
	struct device *node;
	dev_t devt;
	struct mutex cfg, io;
	wait_queue_head_t wq;
	u32 last, rate;
	u8 *snap;
	DECLARE_KFIFO(fifo, u32, 16);
	spinlock_t fl;
};

struct session { struct sensor *s; struct timer_list ping; u32 n; u32 hist[8]; };

static irqreturn_t sensor_isr(int irq, void *arg)
{
	struct sensor *s = arg;
	u32 st = readl(s->regs + 0x24);

	if (!st)
		return IRQ_NONE;
	writel(st, s->regs + 0x64);
	s->last = st;
	wake_up_interruptible(&s->wq);
	return IRQ_HANDLED;
}

static void session_ping(struct timer_list *t)
{
	struct session *ss = from_timer(ss, t, ping);

	ss->n++; // HERE s-timer-session
	mod_timer(&ss->ping, jiffies + HZ / 20);
}

static int sensor_open(struct inode *ino, struct file *f)
{
	struct session *ss = kzalloc(sizeof(*ss), GFP_KERNEL);

	if (!ss)
		return -ENOMEM;
	ss->s = container_of(ino->i_cdev, struct sensor, cdev);
	timer_setup(&ss->ping, session_ping, 0);
	mod_timer(&ss->ping, jiffies + HZ / 20);
	f->private_data = ss;
	return 0;
}

static int sensor_release(struct inode *ino, struct file *f)
{
	struct session *ss = f->private_data;

	if (!IS("s-timer-session"))
		del_timer_sync(&ss->ping);
	if (IS("s-session-leak"))
		return 0;
	kfree(ss); // ALT s-timer-session
	return 0;
}

static ssize_t sensor_read(struct file *f, char __user *buf, size_t n, loff_t *pos)
{
	struct session *ss = f->private_data;
	struct sensor *s = ss->s;

	if (IS("s-user-oob")) {
		if (copy_to_user(buf, s->snap, n)) // HERE s-user-oob
			return -EFAULT;
		return n;
	}
	n = min_t(size_t, n, 64);
	memcpy_fromio(s->snap, s->regs, 8);
	if (copy_to_user(buf, s->snap, n))
		return -EFAULT;
	return n;
}

static ssize_t sensor_write(struct file *f, const char __user *buf, size_t n, loff_t *pos)
{
	struct session *ss = f->private_data;
	u32 tmp[4];

	if (IS("s-stack-user")) {
		if (copy_from_user(tmp, buf, n)) // HERE s-stack-user
			return -EFAULT;
		ss->s->rate = tmp[0];
		return n;
	}
	if (IS("s-index-user")) {
		u8 i;

		if (copy_from_user(&i, buf, 1))
			return -EFAULT;
		ss->hist[i]++; // HERE s-index-user
		return n;
	}
	n = min(n, sizeof(tmp));
	if (copy_from_user(tmp, buf, n))
		return -EFAULT;
	ss->s->rate = tmp[0];
	return n;
}

static long sensor_ioctl(struct file *f, unsigned int cmd, unsigned long arg)
{
	struct session *ss = f->private_data;
	struct sensor *s = ss->s;
	struct sensor_info info, *ip;
	u32 v;

	switch (cmd) {
	case IOC_KICK:
		mutex_lock(&s->io);
		mutex_lock(&s->cfg);
		writel(1, s->regs + 0x60);
		mutex_unlock(&s->cfg);
		mutex_unlock(&s->io);
		return 0;
	case IOC_INFO:
		if (IS("s-user-uninit")) {
			ip = kmalloc(sizeof(*ip), GFP_KERNEL);
			if (!ip)
				return -ENOMEM;
			ip->ident = readl(s->regs);
			ip->state = s->last;
			v = copy_to_user((void __user *)arg, ip, sizeof(*ip)) ? -EFAULT : 0; // HERE s-user-uninit
			kfree(ip);
			return v;
		}
		memset(&info, 0, sizeof(info));
		info.ident = readl(s->regs);
		return copy_to_user((void __user *)arg, &info, sizeof(info)) ? -EFAULT : 0;
	case IOC_SET:
		mutex_lock(&s->cfg); // ALT s-unlock-missing
		if (IS("s-spin-user")) {
			spin_lock(&s->fl);
			if (copy_from_user(&v, (void __user *)arg, 4)) // HERE s-spin-user
				v = 0;
			spin_unlock(&s->fl);
			s->rate = v;
			mutex_unlock(&s->cfg);
			return 0;
		}
		if (IS("s-deref-user")) {
			s->rate = *(u32 *)arg; // HERE s-deref-user
			mutex_unlock(&s->cfg);
			return 0;
		}
		if (copy_from_user(&v, (void __user *)arg, 4)) {
			mutex_unlock(&s->cfg);
			return -EFAULT;
		}
		if (v > 1000) {
			if (IS("s-unlock-missing"))
				return -EINVAL; // HERE s-unlock-missing
			mutex_unlock(&s->cfg);
			return -EINVAL;
		}
		if (IS("s-lock-order")) {
			mutex_lock(&s->io); // HERE s-lock-order
			s->rate = v;
			mutex_unlock(&s->io);
		}
		s->rate = v;
		mutex_unlock(&s->cfg);
		return 0;
	}
	return -ENOTTY;
}

static const struct file_operations sensor_fops = {
	.owner = THIS_MODULE, .open = sensor_open, .release = sensor_release,
	.read = sensor_read, .write = sensor_write, .unlocked_ioctl = sensor_ioctl,
};

static int sensor_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct sensor *s;
	int rc;

	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	s->pdev = pdev;
	mutex_init(&s->cfg);
	mutex_init(&s->io);
	spin_lock_init(&s->fl);
	init_waitqueue_head(&s->wq);
	INIT_KFIFO(s->fifo);
	s->snap = kzalloc(64, GFP_KERNEL); // ALT s-user-oob
	rc = pci_enable_device(pdev);
	if (rc)
		goto err_free;
	rc = pci_request_regions(pdev, "sensor"); // HERE s-fail-region
	if (rc)
		goto err_disable;
	s->regs = pci_iomap(pdev, 0, 0); // HERE s-fail-iomap
	if (!s->regs) {
		rc = -ENOMEM;
		goto err_regions;
	}
	if (IS("s-fail-region")) {
		pci_iounmap(pdev, s->regs);
		rc = -ENODEV;
		goto err_disable;
	}
	if (IS("s-fail-iomap")) {
		rc = -ENODEV;
		goto err_regions;
	}
	rc = alloc_chrdev_region(&s->devt, 0, 1, "sensor"); // HERE s-chrdev-region
	if (rc)
		goto err_unmap;
	cdev_init(&s->cdev, &sensor_fops);
	s->cdev.owner = THIS_MODULE;
	rc = cdev_add(&s->cdev, s->devt, 1); // HERE s-cdev-left
	if (rc)
		goto err_chrdev;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	s->cls = class_create("sensor"); // HERE s-class-left
#else
	s->cls = class_create(THIS_MODULE, "sensor"); // HERE s-class-left
#endif
	s->node = device_create(s->cls, &pdev->dev, s->devt, s, "sensor0"); // HERE s-node-left
	rc = request_irq(pdev->irq, sensor_isr, IRQF_SHARED, "sensor", s); // HERE s-irq-left
	if (rc)
		goto err_node;
	pci_set_drvdata(pdev, s);
	return 0;
err_node:
	device_destroy(s->cls, s->devt);
	class_destroy(s->cls);
	cdev_del(&s->cdev);
err_chrdev:
	unregister_chrdev_region(s->devt, 1);
err_unmap:
	pci_iounmap(pdev, s->regs);
err_regions:
	pci_release_regions(pdev);
err_disable:
	pci_disable_device(pdev);
err_free:
	kfree(s->snap);
	kfree(s);
	return rc;
}

static void sensor_remove(struct pci_dev *pdev)
{
	struct sensor *s = pci_get_drvdata(pdev);

	if (IS("s-irq-wrongid"))
		free_irq(pdev->irq, pdev); // HERE s-irq-wrongid
	else if (!IS("s-irq-left"))
		free_irq(pdev->irq, s);
	if (!IS("s-node-left"))
		device_destroy(s->cls, s->devt);
	if (!IS("s-class-left"))
		class_destroy(s->cls);
	if (!IS("s-cdev-left"))
		cdev_del(&s->cdev);
	if (!IS("s-chrdev-region"))
		unregister_chrdev_region(s->devt, 1);
	pci_iounmap(pdev, s->regs);
	pci_release_regions(pdev);
	pci_disable_device(pdev);
	if (!IS("s-irq-left") && !IS("s-irq-wrongid") && !IS("s-cdev-left")) {
		kfree(s->snap);
		kfree(s);
	}
}

static const struct pci_device_id ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };
MODULE_DEVICE_TABLE(pci, ids);
static struct pci_driver drv = { .name = "sensor", .id_table = ids, .probe = sensor_probe, .remove = sensor_remove };
module_pci_driver(drv);
