# SPDX-License-Identifier: MIT
"""dde-trace."""
import gdb

from . import settings, trace
from .ask import command

COUNT = 20


def _recorded():
    """The struct ddet_thread of the selected thread, 0 when it is none of the kernel's."""
    thread = gdb.selected_thread()
    if thread is None:
        return 0
    host = int(gdb.parse_and_eval("(unsigned long)ddekit__self"))
    return int(gdb.parse_and_eval("(unsigned long)((struct ddekit_thread *)%d)->trace" % host)) if host else 0


def _trace(kernel, words):
    if len(words) > 1 or words and not words[0].isdigit():
        raise gdb.GdbError("dde-trace: how many events? (help dde-trace)")
    return trace.trace(kernel, settings.build_file, _recorded(), int(words[0]) if words else COUNT)


command("dde-trace", _trace, """Show the last events of the selected thread.

Usage: dde-trace [N] [--json]

The last N events (default: 20) in the thread's trace ring: calls (->), returns (<-) and typed events. They are there while
somebody records (`dde-profile record`, `attach`), and what was recorded last stays until the recorder has taken it.""")
