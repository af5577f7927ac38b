# SPDX-License-Identifier: MIT
"""Sourced in gdb before the scripts of the tests: the frames of a stack that are there with tracing and without."""
import gdb


def frames():
    """From the innermost outwards, without those of stub cells and those that gdb infers of tail calls: through a cell it cannot."""
    base = int(gdb.parse_and_eval("(long)ddet_cells_base"))
    size = int(gdb.parse_and_eval("(long)ddet_cells_size"))
    frame = gdb.newest_frame()
    while frame is not None:
        if not 0 <= frame.pc() - base < size and frame.type() != gdb.TAILCALL_FRAME:
            yield frame
        frame = frame.older()
