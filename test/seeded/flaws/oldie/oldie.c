// SPDX-License-Identifier: GPL-2.0-only
// written twenty years ago: globals, proc, tasklets
#include "../common.h"
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/debugfs.h>
#include <linux/vmalloc.h>
#include <linux/semaphore.h>

static void __iomem *base;
static struct proc_dir_entry *pde;
static struct dentry *dbg;
static struct timer_list beat;
static spinlock_t *card_lock;
static DEFINE_SPINLOCK(card);
static DEFINE_SPINLOCK(other);
static DEFINE_MUTEX(big);
static struct work_struct later;
static int hits, modes[4] = { 1, 2, 3, 4 };
static u32 *state;
static void *big_buf;
static u32 chip_rev;

static irqreturn_t oldie_isr(int irq, void *id)
{ // ALT o-isr-none
	u32 s = readl(base + 0x24);
	void *t;

	if (IS("o-isr-null"))
		state[1] = s; // HERE o-isr-null
	if (!s)
		return IRQ_NONE;
	if (IS("o-isr-noack"))
		return IRQ_HANDLED; // HERE o-isr-noack
	if (IS("o-isr-mutex")) {
		mutex_lock(&big); // HERE o-isr-mutex
		hits++;
		mutex_unlock(&big);
	}
	if (IS("o-isr-vfree")) {
		t = vmalloc(4096); // HERE o-isr-vfree
		vfree(t);
	}
	if (IS("o-isr-disable"))
		disable_irq(irq); // HERE o-isr-disable
	if (IS("o-isr-free"))
		free_irq(irq, id); // HERE o-isr-free
	spin_lock(&card); // ALT o-lock-irqsafe
	hits++;
	spin_unlock(&card);
	writel(s, base + 0x64);
	if (IS("o-isr-none"))
		return IRQ_NONE; // HERE o-isr-none
	if (IS("o-isr-badret"))
		return 7; // HERE o-isr-badret
	return IRQ_HANDLED;
}

static int oldie_show(struct seq_file *m, void *v)
{
	if (IS("o-proc-oops"))
		seq_printf(m, "%u\n", state[0]); // HERE o-proc-oops
	seq_printf(m, "hits %d rev %u\n", hits, chip_rev);
	return 0;
}

static void oldie_beat(struct timer_list *t)
{
	hits++;
	if (IS("o-beat-off"))
		chip_rev = readl(base + 0); // HERE o-beat-off
	if (IS("o-beat-long"))
		mdelay(3000); // HERE o-beat-long
	mod_timer(&beat, jiffies + HZ / 10); // ALT o-beat-left
}

static void oldie_later(struct work_struct *w) { hits++; }

static int oldie_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	unsigned long flags;
	int rc = pci_enable_device(pdev); // HERE o-enable-left // ALT o-master-fail

	if (rc)
		return rc;
	if (IS("o-master-fail")) {
		pci_set_master(pdev); // ALT o-master-fail
		return -ENODEV; // HERE o-master-fail
	}
	if (!request_mem_region(pci_resource_start(pdev, 0), pci_resource_len(pdev, 0), "oldie")) { // HERE o-region-left
		pci_disable_device(pdev);
		return -EBUSY;
	}
	if (IS("o-nomap"))
		base = pci_iomap(pdev, 3, 0);
	else
		base = ioremap(pci_resource_start(pdev, 0), pci_resource_len(pdev, 0));
	chip_rev = ioread32(base); // HERE o-nomap
	if (IS("o-bar-oob"))
		chip_rev = ioread32(base + pci_resource_len(pdev, 0) + 16); // HERE o-bar-oob
	if (IS("o-bar-deref"))
		chip_rev = *(volatile u32 *)(base + 4); // HERE o-bar-deref
	if (IS("o-table-oob"))
		hits = modes[4 + (chip_rev & 1)]; // HERE o-table-oob
	if (!IS("o-isr-null"))
		state = kzalloc(64, GFP_KERNEL);
	if (IS("o-proc-oops"))
		state = NULL;
	big_buf = vzalloc(3 * PAGE_SIZE); // HERE o-vmalloc-left
	if (IS("o-vm-oob"))
		((u8 *)big_buf)[3 * PAGE_SIZE] = 1; // HERE o-vm-oob
	if (IS("o-lock-null"))
		spin_lock(card_lock); // HERE o-lock-null
	if (IS("o-lock-uninit")) {
		card_lock = kzalloc(sizeof(*card_lock), GFP_KERNEL);
		spin_lock(card_lock); // HERE o-lock-uninit
		spin_unlock(card_lock);
	}
	if (IS("o-lock-twice")) {
		spin_lock(&other);
		spin_lock(&other); // HERE o-lock-twice
	}
	if (IS("o-unlock-free"))
		spin_unlock(&other); // HERE o-unlock-free
	if (IS("o-mutex-twice")) {
		mutex_lock(&big);
		mutex_lock(&big); // HERE o-mutex-twice
	}
	if (IS("o-lock-schedule")) {
		spin_lock(&other);
		schedule_timeout_uninterruptible(2); // HERE o-lock-schedule
		spin_unlock(&other);
	}
	if (IS("o-irqsoff-mutex")) {
		local_irq_save(flags);
		mutex_lock(&big); // HERE o-irqsoff-mutex
		mutex_unlock(&big);
		local_irq_restore(flags);
	}
	if (IS("o-lock-held"))
		spin_lock(&other); // HERE o-lock-held
	if (IS("o-work-zero"))
		schedule_work(&later); // HERE o-work-zero
	INIT_WORK(&later, oldie_later);
	if (IS("o-timer-zero"))
		mod_timer(&beat, jiffies + 1); // HERE o-timer-zero
	timer_setup(&beat, oldie_beat, 0);
	if (IS("o-timer-reinit")) {
		mod_timer(&beat, jiffies + HZ / 10);
		timer_setup(&beat, oldie_beat, 0); // HERE o-timer-reinit
	}
	mod_timer(&beat, jiffies + HZ / 10); // HERE o-beat-left
	pde = proc_create_single("oldie", 0, NULL, oldie_show); // HERE o-proc-left
	dbg = debugfs_create_dir("oldie", NULL); // HERE o-debugfs-left
	debugfs_create_u32("rev", 0444, dbg, &chip_rev);
	if (IS("o-msi-left") || IS("o-msi-order"))
		pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI); // HERE o-msi-left
	rc = request_irq(pci_irq_vector(pdev, 0), oldie_isr, IRQF_SHARED, "oldie", pdev); // ALT o-msi-order
	if (rc)
		return rc;
	if (IS("o-lock-irqsafe")) {
		spin_lock(&card); // HERE o-lock-irqsafe
		hits = 0;
		spin_unlock(&card);
	}
	if (strncmp(mode, "o-isr", 5) == 0)
		writel(1, base + 0x60);
	if (IS("o-lock-irqsafe"))
		writel(1, base + 0x60);
	if (IS("o-disable-irq"))
		disable_irq(pci_irq_vector(pdev, 0)); // HERE o-disable-irq
	if (IS("o-enable-irq"))
		enable_irq(pci_irq_vector(pdev, 0)); // HERE o-enable-irq
	msleep(50);
	return 0;
}

static void oldie_remove(struct pci_dev *pdev)
{
	if (IS("o-msi-order")) {
		pci_free_irq_vectors(pdev); // HERE o-msi-order
		return;
	}
	if (!IS("o-isr-free"))
		free_irq(pci_irq_vector(pdev, 0), pdev);
	if (IS("o-beat-off")) {
		pci_disable_device(pdev);
		iounmap(base); // ALT o-beat-off
		msleep(200);
	}
	if (!IS("o-beat-left"))
		del_timer_sync(&beat);
	if (!IS("o-proc-left"))
		remove_proc_entry("oldie", NULL);
	if (IS("o-proc-twice"))
		remove_proc_entry("oldie", NULL); // HERE o-proc-twice
	if (!IS("o-debugfs-left"))
		debugfs_remove(dbg);
	if (!IS("o-vmalloc-left"))
		vfree(big_buf);
	kfree(state);
	if (!IS("o-beat-off"))
		iounmap(base);
	if (IS("o-after-unmap"))
		writel(0, base + 8); // HERE o-after-unmap
	if (!IS("o-region-left"))
		release_mem_region(pci_resource_start(pdev, 0), pci_resource_len(pdev, 0));
	if (IS("o-region-twice"))
		release_mem_region(pci_resource_start(pdev, 0), pci_resource_len(pdev, 0)); // HERE o-region-twice
	if (!IS("o-enable-left") && !IS("o-beat-off"))
		pci_disable_device(pdev);
	kfree(card_lock);
}

static const struct pci_device_id ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };
static struct pci_driver drv = { .name = "oldie", .id_table = ids, .probe = oldie_probe, .remove = oldie_remove };
static int __init oldie_init(void) { return pci_register_driver(&drv); }
static void __exit oldie_exit(void) { pci_unregister_driver(&drv); }
module_init(oldie_init);
module_exit(oldie_exit);
