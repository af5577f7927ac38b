# SPDX-License-Identifier: MIT
"""Backtraces that show the kernel: without the host's frames, DDEKit's, and the tracer's.

A parked thread's backtrace begins in schedule(), an idle CPU's in the idle loop. `bt -no-filters` shows everything.
"""
import itertools
import re

import gdb
from gdb.FrameDecorator import FrameDecorator

HOST_FILES = re.compile(r"/runtime/ddekit/|/tracer/|/nptl/|/sysdeps/|/libio/|^\.\./")
# The port's own ends of a thread, which Linux does not know.
HOST_FUNCTIONS = {"host_thread_main", "start_thread", "clone3", "clone", "thread_main", "boot_main"}
# __schedule_loop: from Linux 6.10 on, inside schedule().
SWITCHES = {"__switch_to", "context_switch", "__schedule", "__schedule_loop"}
IDLES = {"arch_cpu_idle", "default_idle_call", "cpuidle_idle_call"}


def is_host(frame):
    """A frame of a raw gdb.Frame that is no part of the kernel."""
    kind = frame.type()
    if kind == gdb.SIGTRAMP_FRAME:
        return True
    name = frame.name()
    if name is None or name in HOST_FUNCTIONS or name.startswith("__ddethunk_") or name.startswith("ddet_"):
        return True
    where = frame.find_sal()
    if where.symtab is not None:
        return bool(HOST_FILES.search(where.symtab.filename))
    objfile = gdb.current_progspace().objfile_for_address(frame.pc()) if hasattr(
        gdb.current_progspace(), "objfile_for_address") else None
    return objfile is not None and objfile.filename != gdb.current_progspace().filename or frame.pc() >> 32 != 0


def kernel_frames(frames):
    """Of gdb.Frames, innermost first, those of the kernel. `key` gives the gdb.Frame of an item."""
    return list(_kernel(frames, lambda frame: frame))


def _kernel(items, frame_of):
    shown = (item for item in items if not is_host(frame_of(item)))
    head = []
    # Innermost: a hand-off of the virtual CPU, or the idle loop's bottom; an interrupt may lie on top of neither.
    for item in shown:
        name = frame_of(item).name()
        if name in SWITCHES or name in IDLES:
            head.append(item)
            continue
        if head and not any(frame_of(one).name() == "__switch_to" for one in head):
            # Running in __schedule() itself, or idle: that is news.
            yield from head[-1:] if frame_of(head[-1]).name() in IDLES else head
        yield item
        break
    else:
        yield from head
    yield from shown


class KernelOnly:
    """The frame filter."""

    def __init__(self):
        self.name = "dde"
        self.enabled = True
        self.priority = 50  # after the tracer's, which hides cells
        gdb.frame_filters[self.name] = self

    def filter(self, items):
        items = iter(items)
        first = list(itertools.islice(items, 1))
        whole = itertools.chain(first, items)
        if not first:
            return iter(())
        return self._filtered(whole, first[0])

    @staticmethod
    def _filtered(whole, first):
        found = False
        for item in _kernel(whole, lambda decorated: FrameDecorator(decorated).inferior_frame()):
            found = True
            yield item
        if not found:
            # A host thread: the timer's or the watchdog's. Better than nothing.
            yield first


KernelOnly()


def newest_kernel_frame():
    """The first frame of the selected thread that a filtered backtrace shows, or None."""
    return next(iter(_kernel(_chain(gdb.newest_frame()), lambda frame: frame)), None)


def _chain(frame):
    count = 0
    while frame is not None and count < 500:
        yield frame
        count += 1
        try:
            frame = frame.older()
        except gdb.error:
            return


def selected_chain():
    return _chain(gdb.newest_frame())
