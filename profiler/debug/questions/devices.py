# SPDX-License-Identifier: MIT
"""PCI devices with their drivers and BARs, and what hangs on them."""
from .answer import Answer, hexa, size_of
from .lists import list_entries

IORESOURCE_IO = 0x100
IORESOURCE_MEM = 0x200
IORESOURCE_PREFETCH = 0x2000
IORESOURCE_MEM_64 = 0x100000
BARS = 6


def pci_devices(k):
    """Every struct pci_dev, bridges and what is behind them included."""
    buses = [bus.address for bus in list_entries(k, k.variable("pci_root_buses").address, "struct pci_bus", "node")]
    while buses:
        bus = k.at("struct pci_bus", buses.pop(0))
        yield from list_entries(k, bus.devices.address, "struct pci_dev", "bus_list")
        buses += [below.address for below in list_entries(k, bus.children.address, "struct pci_bus", "node")]


def bdf(k, pdev):
    name = k.at("struct pci_bus", int(pdev.bus))
    devfn = int(pdev.devfn)
    return "0000:%02x:%02x.%d" % (int(name.number), devfn >> 3, devfn & 7)


def device_name(k, address):
    """dev_name() of the struct device at an address."""
    if address == 0:
        return None
    dev = k.at("struct device", address)
    if int(dev.init_name):
        return dev.init_name.string()
    return dev.kobj.name.string() if int(dev.kobj.name) else None


def driver_name(dev):
    return dev.driver.name.string() if int(dev.driver) else None


def bars(pdev):
    """(number, start, size, flags) of each BAR that is in use."""
    for i in range(BARS):
        res = pdev.resource[i]
        flags, start, end = int(res.flags), int(res.start), int(res.end)
        if flags & (IORESOURCE_IO | IORESOURCE_MEM) and end >= start and end:
            yield i, start, end - start + 1, flags


def bar_text(bar):
    number, start, size, flags = bar
    kind = "io" if flags & IORESOURCE_IO else "mem"
    kind += "64" if flags & IORESOURCE_MEM_64 else ""
    kind += "-prefetch" if flags & IORESOURCE_PREFETCH else ""
    return "%d:%s@%s+%s" % (number, kind, hexa(start), size_of(size))


def netdevs(k):
    """Every struct net_device of the first namespace."""
    return list_entries(k, k.variable("init_net").dev_base_head.address, "struct net_device", "dev_list")


def parent_of(netdev):
    return int(netdev.dev.parent)


# include/linux/netdevice.h, enum netdev_state_t
LINK_STATES = ("START", "PRESENT", "NOCARRIER", "LINKWATCH_PENDING", "DORMANT", "TESTING")


def netdev_state(netdev):
    state, up = int(netdev.state), int(netdev.flags) & 1
    if not up:
        return "down"
    if not state & 2:
        return "up, not present"
    return "up, no carrier" if state & 4 else "up"


def devices(k):
    answer = Answer(
        "devices",
        [
            ("device", "DEVICE"),
            ("id", "ID"),
            ("driver", "DRIVER"),
            ("interrupt", "INTERRUPT"),
            ("irq", "IRQ"),
            ("busMaster", "MASTER"),
            ("bars", "BARS"),
            ("interfaces", "INTERFACES"),
        ],
        "no PCI device",
    )
    interfaces = {}
    for dev in netdevs(k):
        interfaces.setdefault(parent_of(dev), []).append("%s(%s)" % (dev.name.string(), netdev_state(dev)))
    for pdev in pci_devices(k):
        mode = "MSI-X" if int(pdev.msix_enabled) else "MSI" if int(pdev.msi_enabled) else "INTx"
        answer.add(
            device=bdf(k, pdev),
            id="%04x:%04x" % (int(pdev.vendor), int(pdev.device)),
            driver=driver_name(pdev.dev),
            interrupt=mode if int(pdev.dev.driver) else None,
            irq=int(pdev.irq),
            busMaster=bool(int(pdev.is_busmaster)),
            bars=[bar_text(bar) for bar in bars(pdev)],
            interfaces=interfaces.get(pdev.dev.address, []),
        )
    return answer
