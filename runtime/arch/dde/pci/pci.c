// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for arch/x86/pci: the host bridge over DDEKit's config space. No firmware ran, so Linux itself assigns BARs and bridge windows.
 * Config access is serialised by the PCI core's lock.
 */
#include <linux/init.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <ddekit/irq.h>
#include <ddekit/pci.h>
#include <ddet/ddetrace.h>

#include "../kernel/dde.h"

static int host_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	*val = ddekit_pci_config_read(bus->number, devfn, where, size);
	ddet_config_read(where, *val, DDET_CALLER(), size, 0, (bus->number << 8) | devfn);
	dde_irqs_check();
	return PCIBIOS_SUCCESSFUL;
}

static int host_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 val)
{
	ddet_config_write(where, val, DDET_CALLER(), size, 0, (bus->number << 8) | devfn);
	ddekit_pci_config_write(bus->number, devfn, where, size, val);
	dde_irqs_check();
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops host_ops = {
	.read = host_read,
	.write = host_write,
};

static int host_map_irq(const struct pci_dev *dev, u8 slot, u8 pin)
{
	return pin ? ddekit_pci_intx_irq(slot, pin) : 0;
}

static struct resource mem_window = { .name = "PCI mem", .flags = IORESOURCE_MEM };
static struct resource io_window = { .name = "PCI io", .flags = IORESOURCE_IO };
static struct resource bus_window = { .name = "PCI bus", .flags = IORESOURCE_BUS };
static struct pci_host_bridge *bridge;

static int __init host_bridge_init(void)
{
	struct ddekit_pci_windows w;

	ddekit_pci_windows(&w);
	if (!w.mem_end)
		return 0;
	mem_window.start = w.mem_start;
	mem_window.end = w.mem_end;
	io_window.start = w.io_start;
	io_window.end = w.io_end;
	bus_window.end = w.bus_last;

	bridge = pci_alloc_host_bridge(0);
	if (!bridge)
		return -ENOMEM;
	pci_add_resource(&bridge->windows, &io_window);
	pci_add_resource(&bridge->windows, &mem_window);
	pci_add_resource(&bridge->windows, &bus_window);
	bridge->ops = &host_ops;
	bridge->busnr = 0;
	bridge->map_irq = host_map_irq;
	bridge->swizzle_irq = pci_common_swizzle;
	if (pci_scan_root_bus_bridge(bridge) < 0)
		return -ENODEV;
	pci_assign_unassigned_root_bus_resources(bridge->bus);
	pci_bus_add_devices(bridge->bus);
	return 0;
}
subsys_initcall(host_bridge_init);

static bool hide_msix;

static int __init choose_irq(char *mode)
{
	hide_msix = !strcmp(mode, "msi");
	return 0;
}
early_param("dde.irq", choose_irq);

/* A driver that finds no MSI-X capability takes MSI: how `--irq msi` gets it from any driver (pci=nomsi gives INTx). */
int pcibios_device_add(struct pci_dev *dev)
{
	if (hide_msix)
		dev->msix_cap = 0;
	return 0;
}

void pcibios_fixup_bus(struct pci_bus *bus)
{
	pci_read_bridge_bases(bus);
}

resource_size_t pcibios_align_resource(void *data, const struct resource *res, resource_size_t size, resource_size_t align)
{
	return res->start;
}
