// SPDX-License-Identifier: GPL-2.0-only
/* Own code: one reported kind of fault a mode. The line that a finding ought to name ends in a comment HERE mode. */
#include <linux/cdev.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>
#include <linux/version.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

static char *mode = "none";
module_param(mode, charp, 0444);
static int number = 5000;
module_param(number, int, 0444);

struct state {
	u32 count;
	struct completion done;
};

static void __iomem *regs;
static struct pci_dev *pdev;
static struct state *state;
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);
static DECLARE_WAIT_QUEUE_HEAD(wq);
static struct task_struct *task;
static struct dentry *dir;
static struct dma_pool *pool;
static struct cdev cdev;
static dev_t devno;
static volatile u8 sink;

static bool is(const char *name)
{
	return !strcmp(mode, name);
}

static irqreturn_t handler(int irq, void *data)
{
	u32 cause = readl(regs + 0x24);

	if (!cause)
		return IRQ_NONE;
	writel(cause, regs + 0x64);
	state->count++; /* HERE early-irq */
	return IRQ_HANDLED;
}

/* ---- contexts */
static noinline void contexts(struct device *dev)
{
	unsigned long flags;
	void *p;

	if (is("spin-kmalloc")) {
		spin_lock(&lock);
		kfree(kzalloc(64, GFP_KERNEL)); /* HERE spin-kmalloc */
		spin_unlock(&lock);
	}
	if (is("spin-msleep")) {
		spin_lock(&lock);
		msleep(2); /* HERE spin-msleep */
		spin_unlock(&lock);
	}
	if (is("spin-mutex")) {
		spin_lock(&lock);
		mutex_lock(&mutex); /* HERE spin-mutex */
		mutex_unlock(&mutex);
		spin_unlock(&lock);
	}
	if (is("irqsave-devm")) {
		spin_lock_irqsave(&lock, flags);
		p = devm_kzalloc(dev, 64, GFP_KERNEL); /* HERE irqsave-devm */
		spin_unlock_irqrestore(&lock, flags);
	}
	if (is("irqsave-kstrdup")) {
		spin_lock_irqsave(&lock, flags);
		kfree(kstrdup("flawed", GFP_KERNEL)); /* HERE irqsave-kstrdup */
		spin_unlock_irqrestore(&lock, flags);
	}
	if (is("irqsave-wait")) {
		spin_lock_irqsave(&lock, flags);
		wait_event_timeout(wq, state->count > 1000000, 2); /* HERE irqsave-wait */
		spin_unlock_irqrestore(&lock, flags);
	}
	if (is("irqsave-pool")) {
		dma_addr_t bus;

		pool = dma_pool_create("flawed", dev, 64, 8, 0);
		spin_lock_irqsave(&lock, flags);
		p = dma_pool_alloc(pool, GFP_KERNEL, &bus); /* HERE irqsave-pool */
		spin_unlock_irqrestore(&lock, flags);
		dma_pool_free(pool, p, bus);
		dma_pool_destroy(pool);
	}
	if (is("bh-request-irq")) {
		local_bh_disable();
		devm_kfree(dev, devm_kasprintf(dev, GFP_KERNEL, "x%d", number)); /* HERE bh-request-irq */
		local_bh_enable();
	}
}

/* ---- DMA */
static noinline void dma(struct device *dev)
{
	struct scatterlist sg[4];
	dma_addr_t a;
	u8 on_stack[64];
	u8 *p;
	int i, n;

	if (is("dma-stack")) {
		memset(on_stack, 1, sizeof(on_stack));
		a = dma_map_single(dev, on_stack, sizeof(on_stack), DMA_TO_DEVICE); /* HERE dma-stack */
		if (!dma_mapping_error(dev, a))
			dma_unmap_single(dev, a, sizeof(on_stack), DMA_TO_DEVICE);
	}
	if (is("dma-rodata")) {
		static const u8 table[64] = { 1, 2, 3 };

		a = dma_map_single(dev, (void *)table, 64, DMA_TO_DEVICE); /* HERE dma-rodata */
		if (dma_mapping_error(dev, a))
			dev_info(dev, "read-only data refused\n");
		else
			dma_unmap_single(dev, a, 64, DMA_TO_DEVICE);
	}
	if (is("dma-pointer")) {
		p = kmalloc(256, GFP_KERNEL);
		writel((unsigned long)p, regs + 0x80); /* HERE dma-pointer */
		writel(0x40000, regs + 0x88);
		writel(64, regs + 0x90);
		writel(1, regs + 0x98);
		msleep(300);
		kfree(p);
	}
	if (is("dma-sg-nents")) {
		p = kmalloc(4096, GFP_KERNEL);
		sg_init_table(sg, 4);
		for (i = 0; i < 4; i++)
			sg_set_buf(&sg[i], p + 1024 * i, 512);
		n = dma_map_sg(dev, sg, 4, DMA_TO_DEVICE);
		dma_unmap_sg(dev, sg, n / 2, DMA_TO_DEVICE); /* HERE dma-sg-nents */
		kfree(p);
	}
	if (is("dma-sync-after")) {
		p = kmalloc(256, GFP_KERNEL);
		a = dma_map_single(dev, p, 256, DMA_FROM_DEVICE);
		dma_sync_single_for_cpu(dev, a, 512, DMA_FROM_DEVICE); /* HERE dma-sync-after */
		dma_unmap_single(dev, a, 256, DMA_FROM_DEVICE);
		dma_sync_single_for_cpu(dev, a, 256, DMA_FROM_DEVICE);
		kfree(p);
	}
	if (is("dma-forgotten")) {
		/* rtl8190p: each packet mapped, none unmapped */
		for (i = 0; i < number; i++) {
			p = kmalloc(128, GFP_KERNEL);
			a = dma_map_single(dev, p, 128, DMA_TO_DEVICE); /* HERE dma-forgotten */
			if (dma_mapping_error(dev, a))
				break;
			kfree(p);
		}
	}
}

/* ---- memory */
static noinline void memory(void)
{
	volatile u8 *p = kmalloc(8, GFP_KERNEL);

	if (is("heap-overflow"))
		p[8] = 1; /* HERE heap-overflow */
	kfree((void *)p);
	if (is("use-after-free"))
		p[0] = 1; /* HERE use-after-free */
	if (is("double-free"))
		kfree((void *)p); /* HERE double-free */
	if (is("null"))
		*(volatile int *)NULL = 1; /* HERE null */
	if (is("div0"))
		number = 1000 / (number - 5000); /* HERE div0 */
	if (is("bug"))
		BUG(); /* HERE bug */
	if (is("mmio-oob"))
		sink = readl(regs + 0x200000); /* HERE mmio-oob */
}

/* ---- what outlives the driver */
static int loop(void *unused)
{
	while (!kthread_should_stop()) {
		readl(regs + 0x4); /* HERE late-kthread */
		msleep(20);
	}
	return 0;
}

static void tasklet_runs(struct tasklet_struct *t)
{
}
static DECLARE_TASKLET(tasklet, tasklet_runs);

static enum hrtimer_restart expired(struct hrtimer *t)
{
	hrtimer_forward_now(t, ms_to_ktime(10));
	return HRTIMER_RESTART;
}
static struct hrtimer hrtimer;

static ssize_t value_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", state->count);
}
static DEVICE_ATTR_RO(value);

static const struct file_operations fops = { .owner = THIS_MODULE };
static struct miscdevice misc = { .minor = MISC_DYNAMIC_MINOR, .name = "flawed", .fops = &fops };

static noinline void late(struct device *dev)
{
	int err = 0;

	if (is("late-kthread"))
		task = kthread_run(loop, NULL, "flawed/loop"); /* HERE start late-kthread */
	if (is("late-misc"))
		err = misc_register(&misc); /* HERE late-misc */
	if (is("late-sysfs"))
		err = device_create_file(dev, &dev_attr_value); /* HERE late-sysfs */
	if (is("late-debugfs"))
		dir = debugfs_create_dir("flawed", NULL); /* HERE late-debugfs */
	if (is("late-hrtimer")) {
		hrtimer_init(&hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
		hrtimer.function = expired;
		hrtimer_start(&hrtimer, ms_to_ktime(10), HRTIMER_MODE_REL); /* HERE late-hrtimer */
	}
	if (is("late-chrdev")) {
		err = alloc_chrdev_region(&devno, 0, 1, "flawed"); /* HERE late-chrdev */
		cdev_init(&cdev, &fops);
		err = cdev_add(&cdev, devno, 1);
	}
	if (err)
		dev_err(dev, "%s: %d\n", mode, err);
}

/* ---- threads */
static int short_lived(void *unused)
{
	kfree(kmalloc(32, GFP_KERNEL));
	return 0;
}

static int stays(void *unused)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
	}
	__set_current_state(TASK_RUNNING);
	kfree(kmalloc(32, GFP_KERNEL));
	return 0;
}

static noinline void threads(void)
{
	struct task_struct **all;
	int i;

	if (is("threads-short"))
		for (i = 0; i < number; i++) {
			task = kthread_run(short_lived, NULL, "short/%d", i);
			if (IS_ERR(task))
				break;
			if (i % 16 == 15)
				msleep(1);
		}
	if (is("threads-many")) {
		all = kvcalloc(number, sizeof(*all), GFP_KERNEL);
		for (i = 0; i < number; i++) {
			all[i] = kthread_run(stays, NULL, "many/%d", i);
			if (IS_ERR(all[i]))
				break;
		}
		pdev ? pci_info(pdev, "%d threads\n", i) : (void)0;
		msleep(50);
		while (i--)
			kthread_stop(all[i]);
		kvfree(all);
	}
}

static int flawed_probe(struct pci_dev *dev, const struct pci_device_id *id)
{
	dma_addr_t bus;
	void *p;
	int err;

	pdev = dev;
	err = pci_enable_device(pdev);
	if (err)
		return err;
	err = pci_request_regions(pdev, "flawed"); /* HERE region probe-fail */
	if (err)
		return err;
	regs = pci_iomap(pdev, 0, 0); /* HERE iomap probe-fail */
	if (!regs)
		return -ENOMEM;
	pci_set_master(pdev);
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(32));
	if (err)
		return err;
	if (!is("early-irq")) {
		state = kzalloc(sizeof(*state), GFP_KERNEL); /* HERE memory probe-fail */
		if (!state)
			return -ENOMEM;
	}
	err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (err < 0)
		return err;
	err = request_irq(pci_irq_vector(pdev, 0), handler, IRQF_SHARED, "flawed", &regs); /* HERE irq probe-fail */
	if (err)
		return err;
	writel(1, regs + 0x60);
	usleep_range(300, 400);
	if (is("early-irq"))
		state = kzalloc(sizeof(*state), GFP_KERNEL);
	if (is("probe-fail")) {
		p = dma_alloc_coherent(&pdev->dev, 4096, &bus, GFP_KERNEL); /* HERE dma probe-fail */
		dev_err(&pdev->dev, "giving up\n");
		return -EIO;
	}
	contexts(&pdev->dev);
	dma(&pdev->dev);
	memory();
	threads();
	late(&pdev->dev);
	pci_info(pdev, "flawed: ready, %s\n", mode);
	return 0;
}

static void flawed_remove(struct pci_dev *dev)
{
	free_irq(pci_irq_vector(pdev, 0), &regs);
	if (!is("vectors-left"))
		pci_free_irq_vectors(pdev);
	if (is("late-tasklet"))
		tasklet_schedule(&tasklet); /* HERE late-tasklet */
	pci_iounmap(pdev, regs);
	if (!is("late-kthread"))
		regs = NULL;
	pci_release_regions(pdev);
	pci_disable_device(pdev);
	kfree(state);
	state = NULL;
}

static const struct pci_device_id flawed_ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };
MODULE_DEVICE_TABLE(pci, flawed_ids);
static struct pci_driver flawed_driver = {
	.name = "flawed", .id_table = flawed_ids, .probe = flawed_probe, .remove = flawed_remove,
};
module_pci_driver(flawed_driver);
MODULE_LICENSE("GPL");
