# SPDX-License-Identifier: MIT
"""Pretty-printers: struct list_head, sk_buff, net_device, pci_dev, resource. `print /r` shows the plain structure."""
import gdb
import gdb.printing

from . import devices, lists
from .access import Kernel, Value
from .answer import flags_of

# include/linux/ioport.h
RESOURCE_FLAGS = ((0x100, "IO"), (0x200, "MEM"), (0x400, "IRQ"), (0x800, "DMA"), (0x1000, "BUS"), (0x2000, "PREFETCH"),
                  (0x4000, "READONLY"), (0x8000, "CACHEABLE"), (0x20000, "SHADOWABLE"), (0x40000, "SIZEALIGN"),
                  (0x80000, "STARTALIGN"), (0x100000, "MEM_64"), (0x200000, "WINDOW"), (0x400000, "MUXED"),
                  (0x8000000, "EXCLUSIVE"), (0x10000000, "DISABLED"), (0x20000000, "UNSET"), (0x40000000, "AUTO"),
                  (0x80000000, "BUSY"))


class Printer:
    def __init__(self, value):
        self.value = value

    def children(self):
        for field in self.value.type.fields():
            name = field.name
            yield (name or "", self.value[field])


class ListHead:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        if self.value.address is None:
            return "list_head"
        head = int(self.value.address)
        try:
            count = lists.list_length(Kernel(), head)
        except (lists.Broken, gdb.error, OverflowError) as fault:
            return "list_head, BROKEN: %s" % fault
        if count == 0:
            return "list_head, empty"
        return "list_head, %d entr%s, next 0x%x, prev 0x%x" % (
            count, "y" if count == 1 else "ies", int(self.value["next"]), int(self.value["prev"]))


class Resource(Printer):
    def to_string(self):
        start, end = int(self.value["start"]), int(self.value["end"])
        flags = " ".join(flags_of(int(self.value["flags"]), RESOURCE_FLAGS)) or "unused"
        name = self.value["name"].string() if int(self.value["name"]) else "-"
        return "0x%x-0x%x %s (%s)" % (start, end, flags, name)

    children = None


class SkBuff(Printer):
    def to_string(self):
        dev = self.value["dev"]
        return "sk_buff %d bytes (%d in fragments), headroom %d, %s" % (
            int(self.value["len"]), int(self.value["data_len"]), int(self.value["data"]) - int(self.value["head"]),
            dev["name"].string() if int(dev) else "no device")


class NetDevice(Printer):
    def to_string(self):
        return "net_device %s, %s, mtu %d" % (
            self.value["name"].string(), devices.netdev_state(Value(self.value)), int(self.value["mtu"]))


class PciDev(Printer):
    def to_string(self):
        kernel, value = Kernel(), Value(self.value)
        bars = " ".join(devices.bar_text(bar) for bar in devices.bars(value))
        return "pci_dev %s %04x:%04x driver %s %s" % (
            devices.bdf(kernel, value), int(value.vendor), int(value.device),
            devices.driver_name(value.dev) or "-", bars)


def build():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("dde")
    for name, printer in (("list_head", ListHead), ("resource", Resource), ("sk_buff", SkBuff),
                          ("net_device", NetDevice), ("pci_dev", PciDev)):
        if not hasattr(printer, "children") or printer.children is None:
            printer = _leaf(printer)
        printers.add_printer(name, "^%s$" % name, printer)
    return printers


def _leaf(printer):
    """A printer without children: gdb must not find the attribute at all."""

    class Leaf:
        def __init__(self, value):
            self._inner = printer(value)

        def to_string(self):
            return self._inner.to_string()

    return Leaf


gdb.printing.register_pretty_printer(None, build(), replace=True)
