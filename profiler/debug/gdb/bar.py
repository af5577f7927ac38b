# SPDX-License-Identifier: MIT
"""dde-bar: the device's registers, by the names in the driver's source."""
import re
import struct

import gdb

from . import devices, settings
from .access import Kernel
from .answer import Answer, hexa
from .world import world


def of_driver(kernel):
    """(pci_dev, its BARs) of each device that a driver is bound to."""
    for pdev in devices.pci_devices(kernel):
        if int(pdev.dev.driver):
            yield pdev, list(devices.bars(pdev))


def registers():
    rows = (settings.build_file("registers.json") or {}).get("registers", [])
    return [(row["offset"], row["name"]) for row in rows]


def memory_bar(kernel, wanted):
    """The BAR of a given number, or the first in memory space."""
    for pdev, bars in of_driver(kernel):
        for bar in bars:
            number, _, _, flags = bar
            if number == wanted or (wanted is None and flags & devices.IORESOURCE_MEM):
                return pdev, bar
    raise gdb.GdbError("no device with a driver has %s" % ("BAR %d" % wanted if wanted is not None else "a memory BAR"))


def _prefix():
    """What most registers' names begin with, such as E1000_."""
    heads = [name.split("_")[0] + "_" for _, name in registers() if "_" in name]
    return max(set(heads), key=heads.count) if heads else ""


def resolve(text):
    """A register's offset, from its name or a number."""
    if re.fullmatch(r"0[xX][0-9a-fA-F]+|\d+", text):
        return int(text, 0)
    folded, prefix = text.lower(), _prefix().lower()
    for fits in (lambda name: name == folded, lambda name: name == prefix + folded,
                 lambda name: name.endswith("_" + folded)):
        found = sorted({offset for offset, name in registers() if fits(name.lower())})
        if len(found) == 1:
            return found[0]
    names = sorted(name for _, name in registers() if folded in name.lower())[:8]
    hint = "; close: %s" % " ".join(names) if names else " (the driver's source names none such)"
    raise gdb.GdbError("dde-bar: no register %s%s" % (text, hint))


def name_of(offset):
    return next((name for at, name in registers() if at == offset), None)


def read_bar(bar, offset, size):
    """Reads from the device by QEMU's monitor; the driver stands still."""
    number, start, length, flags = bar
    if offset + size > length:
        raise gdb.GdbError("dde-bar: 0x%x is beyond the end of BAR %d (%d bytes)" % (offset, number, length))
    monitor = world.qmp()
    if monitor is None:
        raise gdb.GdbError("dde-bar: registers can be read in a live process with QEMU as the device only")
    letter = {1: "b", 2: "h", 4: "w", 8: "g"}[size]
    if flags & devices.IORESOURCE_IO:
        command = "i/%s 0x%x" % (letter if size < 8 else "w", start + offset)
    else:
        command = "xp /1x%s 0x%x" % (letter, start + offset)
    answer = monitor.execute("human-monitor-command", **{"command-line": command})
    found = re.search(r"0x([0-9a-fA-F]+)\s*$", answer.strip())
    if found is None:
        raise gdb.GdbError("dde-bar: QEMU: %s" % answer.strip())
    return int(found.group(1), 16)


def ask(bar, what, sure):
    """Registers may change by being read (interrupt causes are cleared, FIFOs advance)."""
    if bar[3] & devices.IORESOURCE_PREFETCH or sure:
        return
    if not gdb.parameter("confirm"):
        raise gdb.GdbError("dde-bar: reading %s may change the device (a register may be cleared by reading); add -y" % what)
    gdb.write("Reading %s may change the device (a register may be cleared by reading).\n" % what)
    try:
        said = input("Read it? (y or n) ")
    except EOFError:
        said = "n"
    if said.strip().lower() not in ("y", "yes"):
        raise gdb.GdbError("Not read.")


class DdeBar(gdb.Command):
    """Show the device's BARs, or read a register.

Usage: dde-bar
       dde-bar REGISTER [-b BAR] [-s 1|2|4|8] [-y] [--json]

REGISTER is a name from the driver's source (ICR finds E1000_ICR) or an offset. A register may change by being read, so
the command asks first; -y answers. A prefetchable BAR has no such registers and is read at once. The default is the first
memory BAR and 4 bytes."""

    def __init__(self):
        super().__init__("dde-bar", gdb.COMMAND_DATA)

    def complete(self, text, word):
        return [name for _, name in registers() if word.lower() in name.lower()][:200]

    def invoke(self, argument, from_tty):
        settings.need_process()
        kernel, words, options = Kernel(), [], {"-b": None, "-s": "4"}
        given = gdb.string_to_argv(argument)
        flags = {word for word in given if word in ("-y", "--json")}
        given = [word for word in given if word not in flags]
        while given:
            word = given.pop(0)
            if word in options:
                if not given or not given[0].isdigit():
                    raise gdb.GdbError("dde-bar: %s needs a number" % word)
                options[word] = given.pop(0)
            else:
                words.append(word)
        if len(words) > 1:
            raise gdb.GdbError("dde-bar: one register at a time")
        answer = self._list(kernel) if not words else self._read(kernel, words[0], options, "-y" in flags)
        gdb.write(answer.as_json() + "\n" if "--json" in flags else answer.as_text())

    @staticmethod
    def _list(kernel):
        answer = Answer("bars", [("device", "DEVICE"), ("bar", "BAR"), ("kind", "KIND"), ("address", "ADDRESS"),
                                 ("size", "SIZE")], "no device with a driver")
        for pdev, bars in of_driver(kernel):
            for number, start, size, flags in bars:
                answer.add(device=devices.bdf(kernel, pdev), bar=number, address=hexa(start), size=size,
                           kind=devices.bar_text((number, start, size, flags)).split(":")[1].split("@")[0])
        answer.note("%d registers have names in the driver's source: dde-bar NAME" % len(registers()))
        return answer

    @staticmethod
    def _read(kernel, text, options, sure):
        offset, size = resolve(text), int(options["-s"])
        if size not in (1, 2, 4, 8):
            raise gdb.GdbError("dde-bar: -s takes 1, 2, 4 or 8")
        pdev, bar = memory_bar(kernel, int(options["-b"]) if options["-b"] else None)
        name = name_of(offset)
        ask(bar, "%s of %s" % (name or hexa(offset), devices.bdf(kernel, pdev)), sure)
        value = read_bar(bar, offset, size)
        answer = Answer("register", [("device", "DEVICE"), ("bar", "BAR"), ("offset", "OFFSET"), ("name", "NAME"),
                                     ("value", "VALUE")])
        answer.add(device=devices.bdf(kernel, pdev), bar=bar[0], offset=hexa(offset), name=name, value=hexa(value))
        return answer


DdeBar()
