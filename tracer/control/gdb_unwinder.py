# SPDX-License-Identifier: MIT
"""Backtraces through traced functions: gdb -x tracer/control/gdb_unwinder.py

In a traced function the return address on the stack is one of a stub cell; the caller's stands on the shadow stack of the thread
(emit/calls.S tells how). This unwinder finds it, and a frame filter hides the cells, so `bt` looks as it does without tracing.
"""
import gdb
from gdb.FrameDecorator import FrameDecorator
from gdb.unwinder import Unwinder, register_unwinder

CELL = 32
AFTER_ENTRY = 11  # offsets in a cell, see emit/calls.S
RETURN = 20
AFTER_EXIT = 30
LAST = 31
MASK = (1 << 64) - 1


def number(expression):
    return int(gdb.parse_and_eval(expression)) & MASK


class FrameId:
    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc


class Shadow:
    """The cells and the shadow stacks of the process as it stands now."""

    def __init__(self):
        self.base = number("(unsigned long)ddet_cells_base")
        self.size = number("(unsigned long)ddet_cells_size")

    def in_cells(self, addr):
        return 0 <= addr - self.base < self.size

    @staticmethod
    def tops():
        """The end of every thread's shadow stack."""
        running = number("(unsigned long)ddet_cpu.thread")
        yield number("(unsigned long)ddet_cpu.shadow")
        thread = number("(unsigned long)ddet_threads")
        while thread:
            here = "((struct ddet_thread *)%d)->" % thread
            if thread != running:
                yield number("(unsigned long)" + here + "cpu.shadow")
            thread = number("(unsigned long)" + here + "next")

    def caller(self, slot, popped):
        """The return address that stood at a stack word; popped: the newest entry may be gone already."""
        memory = gdb.selected_inferior()
        for top in self.tops():
            if top == 0:
                continue
            at = top if popped else top - 16
            while True:
                entry = memory.read_memory(at, 16).tobytes()
                entry_slot = int.from_bytes(entry[:8], "little")
                ret = int.from_bytes(entry[8:], "little")
                if entry_slot == MASK and at != top:
                    break  # the bottom
                # Several entries share a slot after tail calls: the oldest holds the caller.
                if entry_slot == slot and not self.in_cells(ret):
                    return ret
                at -= 16
        return None


class CellUnwinder(Unwinder):
    def __init__(self):
        super().__init__("ddetrace")

    def __call__(self, pending):
        try:
            shadow = Shadow()
        except gdb.error:
            return None  # no tracer in this program
        pc = int(pending.read_register("rip")) & MASK
        if not shadow.in_cells(pc):
            return None
        offset = (pc - shadow.base) % CELL
        sp = int(pending.read_register("rsp")) & MASK
        if offset <= AFTER_ENTRY or offset == LAST:
            word = gdb.selected_inferior().read_memory(sp, 8).tobytes()
            ret, caller_sp = int.from_bytes(word, "little"), sp + 8
        else:
            ret, caller_sp = shadow.caller(sp - 8, offset == AFTER_EXIT), sp
        if ret is None:
            return None
        long = gdb.lookup_type("long")
        info = pending.create_unwind_info(FrameId(gdb.Value(sp).cast(long), gdb.Value(pc).cast(long)))
        info.add_saved_register("rip", gdb.Value(ret).cast(long))
        info.add_saved_register("rsp", gdb.Value(caller_sp).cast(long))
        for name in ("rbx", "rbp", "r12", "r13", "r14", "r15"):
            info.add_saved_register(name, pending.read_register(name))
        return info


class HideCells:
    """Leaves the cells, and the two halves of the stub above them, out of backtraces."""

    def __init__(self):
        self.name = "ddetrace"
        self.enabled = True
        self.priority = 100
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        try:
            shadow = Shadow()
        except gdb.error:
            return frames
        return (f for f in frames if not shadow.in_cells(FrameDecorator(f).inferior_frame().pc()))


register_unwinder(None, CellUnwinder(), replace=True)
HideCells()
