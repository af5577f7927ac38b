# SPDX-License-Identifier: MIT
"""The questions' view of the driver process or core file through drgn. gdb/access.py is its twin."""
import os
import re
import subprocess

import drgn


class Value:
    """A C value: v.member (through pointers, too), v[i], int(v), v.address, v.string()."""

    def __init__(self, raw):
        self.raw = raw

    def __getattr__(self, name):
        try:
            return Value(self.raw.member_(name))
        except LookupError as fault:
            raise AttributeError(str(fault)) from None

    def __getitem__(self, index):
        return Value(self.raw[index])

    def __int__(self):
        if self.raw.type_.kind == drgn.TypeKind.ARRAY:
            return self.raw.address_
        kind = self.raw.type_
        while kind.kind == drgn.TypeKind.TYPEDEF:
            kind = kind.type
        if kind.kind == drgn.TypeKind.FUNCTION:
            return self.raw.address_
        return int(self.raw.value_())

    @property
    def address(self):
        return self.raw.address_

    def has(self, member):
        kind = _target(self.raw.type_)
        return kind.has_member(member) if hasattr(kind, "has_member") else False

    def string(self):
        return self.raw.string_().decode("utf-8", "replace")


def _target(kind):
    while kind.kind in (drgn.TypeKind.TYPEDEF, drgn.TypeKind.POINTER):
        kind = kind.type
    return kind


class Lines:
    """addr2line, kept running: drgn tells no source lines."""

    def __init__(self, executable):
        self._executable = executable
        self._process = None
        self._known = {}

    def find(self, address):
        if address not in self._known:
            self._known[address] = self._ask(address)
        return self._known[address]

    def _ask(self, address):
        if self._executable is None:
            return None
        try:
            if self._process is None:
                self._process = subprocess.Popen(["addr2line", "-a", "-i", "-e", self._executable], text=True,
                                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            # The second address, which is nowhere, ends the first one's answer.
            self._process.stdin.write("0x%x\n0x0\n" % (address - 1))
            self._process.stdin.flush()
            found, marks = [], 0
            for line in self._process.stdout:
                line = line.strip()
                if line.startswith("0x"):
                    marks += 1
                elif marks == 1 and not line.startswith("??"):
                    found.append(re.sub(r" \(discriminator \d+\)$", "", line))
                elif marks == 2:
                    break
        except OSError:
            return None
        # What is inlined from a header says little: the call stands in the C file.
        return next((short(one) for one in found if ".h:" not in one), short(found[0]) if found else None)


class Kernel:
    def __init__(self, prog, executable):
        self.prog = prog
        self._lines = Lines(executable)

    def at(self, type_name, address):
        return Value(drgn.Object(self.prog, type_name, address=address))

    def sizeof(self, type_name):
        return drgn.sizeof(self.prog.type(type_name))

    def offset(self, type_name, member):
        return drgn.offsetof(self.prog.type(type_name), member)

    def length(self, array):
        return array.raw.type_.length

    def variable(self, name, *files):
        for file in files or (None,):
            try:
                return Value(self.prog.variable(name, file) if file else self.prog.variable(name))
            except LookupError:
                continue
        return None

    def members(self, value):
        """(name, value) of each member of a structure that has a name."""
        kind = _target(value.raw.type_)
        for member in kind.members or ():
            if member.name is not None:
                try:
                    yield member.name, Value(value.raw.member_(member.name))
                except (LookupError, drgn.FaultError):
                    continue

    def type_name(self, value):
        """`struct x` for a structure, a pointer to one or an array of those; None for all else."""
        kind = value.raw.type_
        while kind.kind in (drgn.TypeKind.TYPEDEF, drgn.TypeKind.POINTER, drgn.TypeKind.ARRAY):
            kind = kind.type
        return "struct %s" % kind.tag if kind.kind == drgn.TypeKind.STRUCT and kind.tag else None

    def shape(self, value):
        """`pointer`, `array`, `struct`, `integer` or None."""
        kind = value.raw.type_
        while kind.kind == drgn.TypeKind.TYPEDEF:
            kind = kind.type
        return {drgn.TypeKind.POINTER: "pointer", drgn.TypeKind.ARRAY: "array", drgn.TypeKind.STRUCT: "struct",
                drgn.TypeKind.INT: "integer", drgn.TypeKind.BOOL: "integer"}.get(kind.kind)

    def has_type(self, type_name):
        try:
            self.prog.type(type_name)
            return True
        except LookupError:
            return False

    def function(self, address):
        return self.symbol(address, exact=True)

    def symbol(self, address, exact=False):
        try:
            symbol = self.prog.symbol(address)
        except LookupError:
            return None
        offset = address - symbol.address
        return symbol.name if exact or not offset else "%s+0x%x" % (symbol.name, offset)

    def line(self, address):
        return self._lines.find(address) if address else None

    def read(self, address, length):
        return self.prog.read(address, length) if length else b""

    def u64(self, address):
        return self.prog.read_u64(address)

    def try_u64(self, address):
        try:
            return self.u64(address)
        except (drgn.FaultError, OverflowError, ValueError):
            return None

    def regions(self):
        """(address, bytes) of the kernel side's writable memory: the executable's variables and the arena."""
        for start, end in self._writable():
            for at in range(start, end, 1 << 20):
                size = min(1 << 20, end - at)
                try:
                    yield at, self.read(at, size)
                except drgn.FaultError:
                    continue

    def _writable(self):
        """By the symbols that bound them: this works in a core file as it does in a process."""
        ranges = []
        init = self.variable("init_task").address
        pages, sizes = self.variable("max_pfn"), 4096
        ranges.append((init & ~0xFFFFF, (init | 0xFFFFF) + 1 + (8 << 20)))
        low = self.variable("min_low_pfn")
        if pages is not None and low is not None and int(pages) > int(low):
            ranges.append((int(low) * sizes, int(pages) * sizes))
        return ranges


def short(path):
    """A source path from the kernel's or the project's root on."""
    for mark in ("/runtime/", "/tracer/"):
        at = path.rfind(mark)
        if at >= 0:
            return path[at + 1:]
    parts = os.path.normpath(path).split("/")
    for i, part in enumerate(parts):
        if part.startswith("linux-") and len(parts) > i + 1:
            return "/".join(parts[i + 1:])
    return path


