// SPDX-License-Identifier: GPL-2.0-only
// a client of other subsystems: input, hwmon, block, i2c, watchdog
#include "../common.h"
#include <linux/input.h>
#include <linux/hwmon.h>
#include <linux/blkdev.h>
#include <linux/i2c.h>
#include <linux/watchdog.h>

struct ss {
	struct pci_dev *pdev;
	void __iomem *r;
	struct input_dev *in;
	struct device *hw;
	struct gendisk *disk;
	struct i2c_adapter adap;
	struct watchdog_device wd;
	int major;
};

static ssize_t temp1_input_show(struct device *d, struct device_attribute *a, char *b)
{
	struct ss *s = dev_get_drvdata(d);

	return sprintf(b, "%u\n", readl(s->r)); // HERE b-hwmon-late
}
static DEVICE_ATTR_RO(temp1_input);
static struct attribute *ss_attrs[] = { &dev_attr_temp1_input.attr, NULL };
ATTRIBUTE_GROUPS(ss);

static void ss_submit(struct bio *bio)
{
	if (IS("b-bio-lost"))
		return; // HERE b-bio-lost
	if (IS("b-bio-twice"))
		bio_endio(bio);
	bio_endio(bio); // HERE b-bio-twice
}
static const struct block_device_operations ss_bops = { .owner = THIS_MODULE, .submit_bio = ss_submit };

static int ss_xfer(struct i2c_adapter *a, struct i2c_msg *m, int n) { return -EIO; }
static u32 ss_func(struct i2c_adapter *a) { return I2C_FUNC_I2C; }
static const struct i2c_algorithm ss_algo = { .master_xfer = ss_xfer, .functionality = ss_func };
static int ss_wstart(struct watchdog_device *w) { return 0; }
static const struct watchdog_ops ss_wops = { .owner = THIS_MODULE, .start = ss_wstart, .stop = ss_wstart };
static const struct watchdog_info ss_winfo = { .identity = "ss", .options = WDIOF_KEEPALIVEPING };

static int ss_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct ss *s = devm_kzalloc(&pdev->dev, sizeof(*s), GFP_KERNEL);
	int rc = pcim_enable_device(pdev);

	if (rc || !s)
		return -ENOMEM;
	s->pdev = pdev;
	s->r = pcim_iomap(pdev, 0, 0);
	pci_set_drvdata(pdev, s);
	s->in = input_allocate_device(); // HERE b-input-alloc
	s->in->name = "ss";
	s->in->phys = "pci/input0";
	s->in->id.bustype = BUS_PCI;
	input_set_capability(s->in, EV_KEY, KEY_POWER);
	if (!IS("b-input-alloc")) {
		rc = input_register_device(s->in); // HERE b-input-left
		if (rc)
			return rc;
	}
	if (IS("b-input-fail"))
		return -EIO; // ALT b-input-fail
	s->hw = hwmon_device_register_with_groups(&pdev->dev, "ss", s, ss_groups); // HERE b-hwmon-left
	if (IS("b-hwmon-name"))
		devm_hwmon_device_register_with_groups(&pdev->dev, "s-s*", s, ss_groups); // HERE b-hwmon-name
	s->major = register_blkdev(0, "ss"); // HERE b-blkdev-left
	s->disk = blk_alloc_disk(NUMA_NO_NODE); // HERE b-disk-alloc
	s->disk->major = s->major;
	s->disk->minors = 1;
	s->disk->fops = &ss_bops;
	strcpy(s->disk->disk_name, "ss0");
	set_capacity(s->disk, IS("b-bio-lost") || IS("b-bio-twice") ? 64 : 0);
	if (!IS("b-disk-alloc"))
		rc = add_disk(s->disk); // HERE b-disk-left
	s->adap.owner = THIS_MODULE;
	s->adap.algo = &ss_algo;
	s->adap.dev.parent = &pdev->dev;
	strscpy(s->adap.name, "ss", sizeof(s->adap.name));
	rc = i2c_add_adapter(&s->adap); // HERE b-i2c-left
	s->wd.info = &ss_winfo;
	s->wd.ops = &ss_wops;
	s->wd.parent = &pdev->dev;
	s->wd.timeout = 30;
	rc = watchdog_register_device(&s->wd); // HERE b-wdt-left
	return rc;
}

static void ss_remove(struct pci_dev *pdev)
{
	struct ss *s = pci_get_drvdata(pdev);

	if (!IS("b-wdt-left"))
		watchdog_unregister_device(&s->wd);
	if (!IS("b-i2c-left"))
		i2c_del_adapter(&s->adap);
	if (!IS("b-disk-left") && !IS("b-disk-alloc"))
		del_gendisk(s->disk);
	if (!IS("b-disk-alloc") && !IS("b-disk-put"))
		put_disk(s->disk);
	if (!IS("b-blkdev-left"))
		unregister_blkdev(s->major, "ss");
	if (!IS("b-hwmon-left"))
		hwmon_device_unregister(s->hw);
	if (IS("b-input-freed")) {
		input_unregister_device(s->in);
		input_free_device(s->in); // HERE b-input-freed
	} else if (!IS("b-input-left") && !IS("b-input-alloc"))
		input_unregister_device(s->in);
}

static const struct pci_device_id ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };
static struct pci_driver drv = { .name = "subsys", .id_table = ids, .probe = ss_probe, .remove = ss_remove };
module_pci_driver(drv);
