# SPDX-License-Identifier: MIT
"""The questions' view of the driver process through gdb. drgn/access.py is its twin."""
import bisect
import struct

import gdb

LONG = gdb.lookup_type("unsigned long")


SHAPES = {gdb.TYPE_CODE_PTR: "pointer", gdb.TYPE_CODE_ARRAY: "array", gdb.TYPE_CODE_STRUCT: "struct",
          gdb.TYPE_CODE_INT: "integer", gdb.TYPE_CODE_BOOL: "integer"}


def _bare(kind):
    kind = kind.strip_typedefs()
    return kind.target().strip_typedefs() if kind.code == gdb.TYPE_CODE_PTR else kind


class Value:
    """A C value: v.member (through pointers, too), v[i], int(v), v.address, v.string()."""

    def __init__(self, raw):
        self.raw = raw

    def __getattr__(self, name):
        try:
            return Value(self.raw[name])
        except gdb.error as fault:
            raise AttributeError(str(fault)) from None

    def __getitem__(self, index):
        return Value(self.raw[index])

    def __int__(self):
        kind = self.raw.type.strip_typedefs().code
        if kind in (gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_ARRAY, gdb.TYPE_CODE_FUNC):
            return int(self.raw.cast(LONG))
        return int(self.raw)

    @property
    def address(self):
        """Of what it is, or for a pointer made by Kernel.at() of what it points to."""
        return int(self.raw.address.cast(LONG))

    def has(self, member):
        kind = self.raw.type.strip_typedefs()
        if kind.code == gdb.TYPE_CODE_PTR:
            kind = kind.target().strip_typedefs()
        return gdb.types.has_field(kind, member)

    def string(self):
        return self.raw.string(errors="replace")


class Kernel:
    def __init__(self):
        self._types = {}
        self._variables = {}
        self._functions = {}
        self._lines = {}

    def type(self, name):
        if name not in self._types:
            self._types[name] = gdb.lookup_type(name)
        return self._types[name]

    def at(self, type_name, address):
        """The object of a type at an address."""
        pointer = gdb.Value(address).cast(self.type(type_name).pointer())
        return Value(pointer.dereference())

    def sizeof(self, type_name):
        return self.type(type_name).sizeof

    def offset(self, type_name, member):
        where = gdb.Value(0).cast(self.type(type_name).pointer())[member].address
        return int(where.cast(LONG))

    def length(self, array):
        first, last = array.raw.type.strip_typedefs().range()
        return last - first + 1

    def variable(self, name, *files):
        """A global variable, or a static one (of one of the given files); None when this build has none."""
        key = (name, files)
        if key not in self._variables:
            self._variables[key] = self._find(name, files)
        symbol = self._variables[key]
        return None if symbol is None else Value(symbol.value())

    @staticmethod
    def _find(name, files):
        if not files:
            found = gdb.lookup_global_symbol(name)
            if found is not None:
                return found
        statics = gdb.lookup_static_symbols(name)
        for file in files:
            for symbol in statics:
                if symbol.symtab.filename.endswith("/" + file):
                    return symbol
        return statics[0] if statics and not files else None

    def members(self, value):
        """(name, value) of each member of a structure that has a name."""
        for field in _bare(value.raw.type).fields():
            if field.name and hasattr(field, "bitpos"):
                try:
                    yield field.name, Value(value.raw[field])
                except gdb.error:
                    continue

    def type_name(self, value):
        """`struct x` for a structure, a pointer to one or an array of those; None for all else."""
        kind = value.raw.type.strip_typedefs()
        while kind.code in (gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_ARRAY):
            kind = kind.target().strip_typedefs()
        return "struct %s" % kind.tag if kind.code == gdb.TYPE_CODE_STRUCT and kind.tag else None

    def shape(self, value):
        """`pointer`, `array`, `struct`, `integer` or None."""
        return SHAPES.get(value.raw.type.strip_typedefs().code)

    def has_type(self, type_name):
        try:
            self.type(type_name)
            return True
        except gdb.error:
            return False

    def function(self, address):
        """The name of the function that an address lies in, or None."""
        if address not in self._functions:
            outer = _outer_function(address)
            name = outer.name if outer is not None else None
            self._functions[address] = name or self.symbol(address)
        return self._functions[address]

    def symbol(self, address):
        """`name` or `name+0x10` of the variable (or function) at an address; None outside of the executable."""
        shown = gdb.execute("info symbol 0x%x" % address, to_string=True)
        if not shown or shown.startswith("No symbol"):
            return None
        words = shown.split()
        return "%s+0x%x" % (words[0], int(words[2])) if len(words) > 2 and words[1] == "+" else words[0]

    def line(self, address):
        """`file:line` of an instruction; of a call when the address is where it returns to."""
        if address not in self._lines:
            self._lines[address] = _line(address - 1) if address else None
        return self._lines[address]

    def read(self, address, length):
        return gdb.selected_inferior().read_memory(address, length).tobytes() if length else b""

    def u64(self, address):
        return struct.unpack("<Q", self.read(address, 8))[0]

    def try_u64(self, address):
        try:
            return self.u64(address)
        except (gdb.error, OverflowError):
            return None

    def regions(self):
        """(address, bytes) of the kernel side's writable memory that is in use: variables and arena."""
        for start, end in writable(gdb.selected_inferior().pid):
            try:
                yield start, self.read(start, end - start)
            except gdb.error:
                continue


def _outer_function(address):
    """The symbol of the function that the code at an address belongs to, not of one that is inlined there."""
    try:
        block = gdb.block_for_pc(address)
    except (RuntimeError, OverflowError, gdb.error):
        return None
    outer = None
    while block is not None and not block.is_static and not block.is_global:
        outer = block.function or outer
        block = block.superblock
    return outer


_tables = {}


def _line(pc):
    """`file:line` in the function that an instruction belongs to: where it calls what is inlined there."""
    found = gdb.find_pc_line(pc)
    if found.symtab is None:
        return None
    outer = _outer_function(pc)
    if outer is not None and outer.symtab is not None and outer.symtab.filename != found.symtab.filename:
        file = outer.symtab.filename
        if file not in _tables:
            _tables[file] = sorted((entry.pc, entry.line) for entry in outer.symtab.linetable() if entry.line)
        at = bisect.bisect_right(_tables[file], (pc, 1 << 31)) - 1
        if at >= 0:
            return "%s:%d" % (short(file), _tables[file][at][1])
    return "%s:%d" % (short(found.symtab.filename), found.line)


def short(path):
    """A source path from the kernel's or the project's root on."""
    for mark in ("/runtime/", "/tracer/"):
        at = path.rfind(mark)
        if at >= 0:
            return path[at + 1:]
    parts = path.split("/")
    for i, part in enumerate(parts):
        if part.startswith("linux-") and len(parts) > i + 1:
            return "/".join(parts[i + 1:])
    return path


def writable(pid):
    """Address ranges below 4 GiB that can hold kernel data."""
    shown = gdb.execute("maintenance info sections ALLOBJ", to_string=True) if pid == 0 else ""
    ranges = []
    if pid:
        try:
            ranges = list(resident(pid))
        except OSError:
            pass
    for line in shown.splitlines():
        words = line.split()
        if "load" in line and "READONLY" not in line and "->" in words[1]:
            start, end = (int(word, 16) for word in words[1].split("->"))
            if start < 1 << 32:
                ranges.append((start, end))
    return ranges


def resident(pid):
    """Ranges of writable mappings below 4 GiB whose pages are there (others hold nothing but zeros)."""
    page = 4096
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/pagemap" % pid, "rb") as pagemap:
        for line in maps:
            words = line.split()
            start, end = (int(word, 16) for word in words[0].split("-"))
            if "w" not in words[1] or start >= 1 << 32:
                continue
            pagemap.seek(start // page * 8)
            entries = memoryview(pagemap.read((end - start) // page * 8)).cast("Q")
            begin = None
            for i, entry in enumerate(entries):
                if entry >> 62 and begin is None:
                    begin = start + i * page
                elif not entry >> 62 and begin is not None:
                    yield begin, start + i * page
                    begin = None
            if begin is not None:
                yield begin, end
