// SPDX-License-Identifier: GPL-2.0-only
/*
 * The config space as Linux here sees it (sections 3.2 and 3.3 of the paper). The addresses of the BARs are the host's business: Linux
 * assigns those that it sees, which are kept here. What a driver of one device must not touch is hidden (MSI, which the host would not
 * hear of) or not written (the extended space, where SR-IOV and the like are).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include "device/bars.h"
#include "device/master.h"
#include "device/sysfs.h"
#include "device/uio/uio.h"
#include "host/log.h"

#define DIE(...) ddekit__die(DDEKIT_EXIT_BACKEND, __VA_ARGS__)
enum { HEADER = 64,
       SPACE = 256 };
/* Flags of a line in sysfs's `resource` (linux/ioport.h). */
enum { RESOURCE_IO = 0x100,
       RESOURCE_MEM = 0x200,
       RESOURCE_64 = 0x100000 };

static int config_fd = -1;
/* Bytes that are kept here instead of in the device, and what can be written of them. */
static uint8_t ours[SPACE], kept[SPACE], writable[SPACE];
static uint32_t host_bars[BARS];
static unsigned int power;

static unsigned int from_device(unsigned int reg, unsigned int size)
{
	unsigned int v = 0;

	if (pread(config_fd, &v, size, reg) != size)
		return size == 4 ? ~0U : (1U << (8 * size)) - 1;
	return v;
}

static void to_device(unsigned int reg, unsigned int size, unsigned int v)
{
	if (pwrite(config_fd, &v, size, reg) != size)
		ddekit__say("uio: a write of %u bytes to 0x%x of the config space was refused: %s", size, reg, strerror(errno));
}

static void keep(unsigned int reg, unsigned int size, uint32_t value, uint32_t mask)
{
	memset(ours + reg, 1, size);
	memcpy(kept + reg, &value, size);
	memcpy(writable + reg, &mask, size);
}

unsigned int uio_config(unsigned int reg, unsigned int size)
{
	unsigned int v = from_device(reg, size), i;
	uint8_t *byte = (uint8_t *)&v;

	for (i = 0; i < size && reg + i < SPACE; i++)
		if (ours[reg + i])
			byte[i] = kept[reg + i];
	if (reg <= PCI_COMMAND && reg + size > PCI_COMMAND) {
		byte += PCI_COMMAND - reg;
		*byte = (*byte & ~PCI_COMMAND_MASTER) | (ddekit__master_wanted() ? PCI_COMMAND_MASTER : 0);
		byte = (uint8_t *)&v;
	}
	/* The host closes the line by the same bit. */
	if (reg <= PCI_COMMAND + 1 && reg + size > PCI_COMMAND + 1) {
		byte += PCI_COMMAND + 1 - reg;
		*byte = (*byte & ~(PCI_COMMAND_INTX_DISABLE >> 8)) | kept[PCI_COMMAND + 1];
	}
	return v;
}

/* Linux may have closed the line itself (pci_intx()), or switched off what the host needs not know of. */
static void write_command(uint16_t v)
{
	uint16_t before;

	/* Bus mastering is the module's to switch: it must know when to switch it off. */
	ddekit__master_want(!!(v & PCI_COMMAND_MASTER));
	before = from_device(PCI_COMMAND, 2);
	kept[PCI_COMMAND + 1] = (v & PCI_COMMAND_INTX_DISABLE) >> 8;
	v = (v & ~(PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE)) | (before & PCI_COMMAND_MASTER);
	to_device(PCI_COMMAND, 2, v | (before & PCI_COMMAND_INTX_DISABLE) | (kept[PCI_COMMAND + 1] << 8));
	if ((before ^ v) & PCI_COMMAND_MEMORY)
		ddekit__bars_update(v & PCI_COMMAND_MEMORY);
}

void uio_config_open_line(void)
{
	uint16_t command = from_device(PCI_COMMAND, 2);

	if (!kept[PCI_COMMAND + 1] && command & PCI_COMMAND_INTX_DISABLE)
		to_device(PCI_COMMAND, 2, command & ~PCI_COMMAND_INTX_DISABLE);
}

/* A device that comes back from D3hot may have lost them, and the host does not know that it was there. */
static void restore_bars(void)
{
	int i;

	for (i = 0; i < BARS; i++)
		if (from_device(PCI_BASE_ADDRESS_0 + 4 * i, 4) != host_bars[i])
			to_device(PCI_BASE_ADDRESS_0 + 4 * i, 4, host_bars[i]);
}

static void write_kept(unsigned int reg, uint8_t v)
{
	kept[reg] = (kept[reg] & ~writable[reg]) | (v & writable[reg]);
}

static int bars_changed(unsigned int reg, unsigned int size)
{
	return reg + size > PCI_BASE_ADDRESS_0 && reg < PCI_BASE_ADDRESS_5 + 4;
}

void uio_config_write(unsigned int reg, unsigned int size, unsigned int v)
{
	unsigned int i;

	if (reg + size > SPACE)
		return;
	if (reg == PCI_COMMAND) {
		write_command(size == 1 ? (uio_config(PCI_COMMAND, 2) & 0xff00) | v : v);
		/* The status behind it is cleared by writing ones. */
		if (size == 4 && v >> 16)
			to_device(PCI_STATUS, 2, v >> 16);
		return;
	}
	for (i = 0; i < size; i++)
		if (ours[reg + i])
			break;
	if (i == size)
		to_device(reg, size, v);
	for (; i < size; i++)
		write_kept(reg + i, v >> (8 * i));
	if (bars_changed(reg, size))
		ddekit__bars_update(uio_config(PCI_COMMAND, 2) & PCI_COMMAND_MEMORY);
	if (power && reg <= power + PCI_PM_CTRL && reg + size > power + PCI_PM_CTRL)
		restore_bars();
}

/* Takes MSI and MSI-X out of the list; what points to them points behind them. */
static void hide_capabilities(void)
{
	unsigned int from = PCI_CAPABILITY_LIST, at, left = 48;

	if (!(from_device(PCI_STATUS, 2) & PCI_STATUS_CAP_LIST))
		return;
	for (at = from_device(from, 1) & ~3U; at >= HEADER && left--; at = from_device(at + PCI_CAP_LIST_NEXT, 1) & ~3U) {
		unsigned int id = from_device(at, 1);

		if (id == PCI_CAP_ID_MSI || id == PCI_CAP_ID_MSIX) {
			keep(from, 1, from_device(at + PCI_CAP_LIST_NEXT, 1), 0);
			continue;
		}
		if (id == PCI_CAP_ID_PM)
			power = at;
		from = at + PCI_CAP_LIST_NEXT;
	}
}

static void open_bar(const char *bdf, int i, struct bar_region *bar, unsigned long long first, unsigned long long flags)
{
	char name[16];

	snprintf(name, sizeof(name), "resource%d", i);
	bar->fd = ddekit__sysfs_open(bdf, name, O_RDWR | O_SYNC);
	if (bar->fd < 0)
		DIE("uio: %s of %s: %s", name, bdf, strerror(errno));
	bar->can_map = !!(flags & RESOURCE_MEM);
	/* Every thread that is made from now on inherits it. Without the right to it, by calls. */
	if (flags & RESOURCE_IO && !ioperm(first, bar->size, 1))
		bar->port = first;
}

/* By what the host found, not by what is in the BARs: those are behind a bridge's translation, or just being probed. */
static void find_bars(const char *bdf, struct bar_region bars[BARS])
{
	int fd = ddekit__sysfs_open(bdf, "resource", O_RDONLY), i;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	unsigned long long first, last, flags;

	for (i = 0; i < BARS; i++) {
		uint32_t mask, low;

		if (!file || fscanf(file, "%llx %llx %llx", &first, &last, &flags) != 3)
			DIE("uio: the resources of %s cannot be read", bdf);
		host_bars[i] = from_device(PCI_BASE_ADDRESS_0 + 4 * i, 4);
		if (!(flags & (RESOURCE_IO | RESOURCE_MEM)) || last < first || (last - first) & (last - first + 1)) {
			if (!ours[PCI_BASE_ADDRESS_0 + 4 * i])
				keep(PCI_BASE_ADDRESS_0 + 4 * i, 4, 0, 0);
			continue;
		}
		bars[i].size = last - first + 1;
		open_bar(bdf, i, &bars[i], first, flags);
		mask = ~(uint32_t)(bars[i].size - 1) & (flags & RESOURCE_IO ? PCI_BASE_ADDRESS_IO_MASK : PCI_BASE_ADDRESS_MEM_MASK);
		low = host_bars[i] & ~(uint32_t)(flags & RESOURCE_IO ? PCI_BASE_ADDRESS_IO_MASK : PCI_BASE_ADDRESS_MEM_MASK);
		keep(PCI_BASE_ADDRESS_0 + 4 * i, 4, low, mask);
		if (flags & RESOURCE_64 && i + 1 < BARS)
			keep(PCI_BASE_ADDRESS_0 + 4 * (i + 1), 4, 0, ~((bars[i].size - 1) >> 32));
	}
	fclose(file);
}

void uio_config_init(const char *bdf)
{
	struct bar_region bars[BARS] = { 0 };
	uint32_t last;

	config_fd = ddekit__sysfs_open(bdf, "config", O_RDWR);
	if (config_fd < 0)
		DIE("uio: the config space of %s: %s", bdf, strerror(errno));
	if (pread(config_fd, &last, sizeof(last), SPACE - sizeof(last)) != sizeof(last))
		DIE("uio: the config space of %s can be read by root only", bdf);
	if ((from_device(PCI_HEADER_TYPE, 1) & 0x7f) != PCI_HEADER_TYPE_NORMAL)
		DIE("uio: %s is a bridge", bdf);
	find_bars(bdf, bars);
	keep(PCI_ROM_ADDRESS, 4, 0, 0);
	keep(PCI_INTERRUPT_LINE, 1, 0, 0xff);
	hide_capabilities();
	ddekit__bars_init(bars, uio_config);
}
