// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device of this machine by VFIO: its IOMMU group, its config space, and its reset before and after. Linux sees it alone on bus 0, in
 * the slot that it has on the machine, and assigns its BARs anew: VFIO shows the driver BARs of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include <ddekit/irq.h>
#include "device/bars.h"
#include "device/device.h"
#include "device/master.h"
#include "device/sysfs.h"
#include "device/vfio/vfio.h"
#include "end/exit.h"
#include "event/irq.h"
#include "host/log.h"
#include "host/memory.h"

#define DIE(...) ddekit__die(DDEKIT_EXIT_BACKEND, __VA_ARGS__)

int vfio_device = -1;
static uint64_t config_at;
static unsigned int slot, can_reset;

struct vfio_region vfio_region(unsigned int index)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };

	if (ioctl(vfio_device, VFIO_DEVICE_GET_REGION_INFO, &info))
		return (struct vfio_region){ 0 };
	return (struct vfio_region){ info.offset, info.size, !!(info.flags & VFIO_REGION_INFO_FLAG_MMAP) };
}

unsigned int vfio_config(unsigned int reg, unsigned int size)
{
	unsigned int v = 0;

	if (pread(vfio_device, &v, size, config_at + reg) != size)
		return size == 4 ? ~0U : (1U << (8 * size)) - 1;
	return v;
}

static int open_group(const char *bdf)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	const char *group;
	char path[64];
	int fd;

	ddekit__sysfs_bound("vfio", bdf, "vfio-pci");
	group = ddekit__sysfs_link(bdf, "iommu_group");
	if (!group)
		DIE("vfio: %s is behind no IOMMU", bdf);
	snprintf(path, sizeof(path), "/dev/vfio/%.20s", group);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		DIE("vfio: %s: %s", path, errno == EBUSY ? "another process has it" : strerror(errno));
	if (ioctl(fd, VFIO_GROUP_GET_STATUS, &status) || !(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		DIE("vfio: a device that shares the IOMMU group of %s is bound to another driver", bdf);
	return fd;
}

static void vfio_memory(void)
{
	static const char *const words[] = { "strict", NULL };
	int strict, group, container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	struct vfio_device_info info = { .argsz = sizeof(info) };
	const char *bdf = ddekit__sysfs_wanted(words, &strict, &slot);

	if (container < 0)
		DIE("vfio: /dev/vfio/vfio: %s", strerror(errno));
	group = open_group(bdf);
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) || ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		DIE("vfio: the IOMMU of %s cannot be had: %s", bdf, strerror(errno));
	ddekit__arena_init();
	vfio_dma_init(container, strict == 0);
	vfio_device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	if (vfio_device < 0 || ioctl(vfio_device, VFIO_DEVICE_GET_INFO, &info))
		DIE("vfio: %s: %s", bdf, strerror(errno));
	fcntl(vfio_device, F_SETFD, FD_CLOEXEC);
	can_reset = info.flags & VFIO_DEVICE_FLAGS_RESET;
	config_at = vfio_region(VFIO_PCI_CONFIG_REGION_INDEX).offset;
	vfio_bars_init();
}

static void reset(void)
{
	if (can_reset && ioctl(vfio_device, VFIO_DEVICE_RESET))
		ddekit__say("vfio: the device's reset failed: %s", strerror(errno));
}

static void set_master(int on)
{
	uint16_t v = vfio_config(PCI_COMMAND, 2);

	v = (v & ~PCI_COMMAND_MASTER) | (on ? PCI_COMMAND_MASTER : 0);
	if (pwrite(vfio_device, &v, sizeof(v), config_at + PCI_COMMAND) != sizeof(v))
		ddekit__say("vfio: bus mastering cannot be switched %s", on ? "on" : "off");
}

static void vfio_start(void)
{
	reset();
	ddekit__master_init(set_master);
	vfio_irqs_init();
	ddekit__at_exit(reset);
}

static unsigned int vfio_config_read(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size)
{
	unsigned int v;

	if (bus || devfn != slot << 3)
		return size == 4 ? ~0U : (1U << (8 * size)) - 1;
	v = vfio_config(reg, size);
	if (reg == PCI_COMMAND)
		v = (v & ~PCI_COMMAND_MASTER) | (ddekit__master_wanted() ? PCI_COMMAND_MASTER : 0);
	return v;
}

static void vfio_config_write(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size, unsigned int v)
{
	int was_on, on;

	if (bus || devfn != slot << 3)
		return;
	if (reg == PCI_COMMAND) {
		ddekit__master_want(!!(v & PCI_COMMAND_MASTER));
		v = (v & ~PCI_COMMAND_MASTER) | (vfio_config(PCI_COMMAND, 2) & PCI_COMMAND_MASTER);
	}
	was_on = vfio_config(PCI_COMMAND, 2) & PCI_COMMAND_MEMORY;
	if (pwrite(vfio_device, &v, size, config_at + reg) != size)
		ddekit__say("vfio: a write of %u bytes to 0x%x of the config space was refused", size, reg);
	on = vfio_config(PCI_COMMAND, 2) & PCI_COMMAND_MEMORY;
	if (on != was_on || (reg >= PCI_BASE_ADDRESS_0 && reg <= PCI_BASE_ADDRESS_5 + 3))
		ddekit__bars_update(on);
}

/* One device has one line. */
static unsigned int vfio_intx_irq(unsigned int of_slot, unsigned int pin)
{
	(void)of_slot;
	(void)pin;
	return DDEKIT_IRQ_INTX_FIRST;
}

static void vfio_windows(struct ddekit_pci_windows *w)
{
	*w = (struct ddekit_pci_windows){ .mem_start = 0xc0000000, .mem_end = 0xfdffffff, .io_start = 0x2000, .io_end = 0xffff };
}

const struct ddekit_device_ops ddekit__vfio_ops = {
	.name = "vfio",
	.memory = vfio_memory,
	.start = vfio_start,
	.config_read = vfio_config_read,
	.config_write = vfio_config_write,
	.mmio_read = ddekit__bar_read,
	.mmio_write = ddekit__bar_write,
	.pio_read = ddekit__bar_in,
	.pio_write = ddekit__bar_out,
	.intx_irq = vfio_intx_irq,
	.irq_setup = vfio_irq_setup,
	.irq_free = vfio_irq_free,
	.irq_mask = ddekit__irq_vector_mask,
	.windows = vfio_windows,
	.dma_map = vfio_dma_map,
	.dma_unmap = vfio_dma_unmap,
	.dma_alloc = vfio_dma_alloc,
	.dma_free = vfio_dma_free,
};
