# SPDX-License-Identifier: MIT
"""dde-break: stop where the driver meets its device, an interrupt, a warning or a finding."""
import re

import gdb

from . import napi, settings
from .access import Kernel
from .lists import Broken
from .threads import driver_files

# Where the kernel reports a fault of its caller, and where the runtime does.
WARN = ("__warn", "warn_slowpath_fmt", "report_bug", "panic", "oops_enter", "__list_add_valid_or_report",
        "dump_stack_lvl", "ubsan_epilogue", "kasan_report", "print_circular_bug", "err_printk")
KINDS = ("probe", "irq", "napi", "warn", "finding")
FINDING = ("report_unmapped", "dde_misuse", "ddet__misuse_hit", "dde_dma_report_leaks")


def functions(kind):
    """Names of functions to stop in."""
    sites = (settings.build_file("sites.json") or {}).get("sites", [])
    if kind == "probe":
        return _initialised("pci_driver", ("probe",)) or _by_name(sites, "probe")
    if kind == "irq":
        return _handlers() or _typed("irqreturn_t (int, void *)")
    if kind == "warn":
        return [name for name in WARN if _exists(name)]
    if kind == "finding":
        return [name for name in FINDING + ("__warn",) if _exists(name)]
    return [kind]


def _exists(name):
    return gdb.lookup_global_symbol(name) is not None or bool(gdb.lookup_static_symbols(name))


def _by_name(sites, part):
    return [site["name"] for site in sites if site["kind"] == "driver" and site["name"].endswith(part)]


def _initialised(struct, members):
    """The functions that the driver's static structures name, such as e1000_driver.probe."""
    found = []
    shown = gdb.execute("info variables -q -t 'struct %s'" % struct, to_string=True)
    inside = False
    for line in shown.splitlines():
        if line.startswith("File "):
            inside = any(line.rstrip(":").endswith(file) for file in driver_files())
        elif inside and struct in line:
            name = line.rsplit(" ", 1)[-1].rstrip(";").lstrip("*")
            for member in members:
                try:
                    at = int(gdb.parse_and_eval(name)[member].cast(gdb.lookup_type("unsigned long")))
                except gdb.error:
                    continue
                function = Kernel().function(at) if at else None
                if function:
                    found.append(function)
    return found


def _typed(signature):
    """The driver's functions of a type."""
    found, inside = [], False
    for line in gdb.execute("info functions -q -n -t %s" % signature, to_string=True).splitlines():
        if line.startswith("File "):
            inside = any(line.rstrip(":").endswith(file) for file in driver_files())
        elif inside and "(" in line:
            found.append(re.split(r"[ *]", line[:line.index("(")])[-1])
    return found


def _handlers():
    """The handlers that are registered now, in a process that runs."""
    from . import irqs

    if gdb.selected_inferior().pid == 0:
        return []
    kernel, found = Kernel(), set()
    try:
        for number, desc in irqs.descriptors(kernel):
            if number >= irqs.FIRST:
                for action in irqs.actions(kernel, desc):
                    for pointer in (action.handler, action.thread_fn):
                        name = kernel.function(int(pointer)) if int(pointer) else None
                        if name and not name.startswith("irq_default"):
                            found.add(name)
    except (gdb.error, AttributeError):
        pass
    return sorted(found)


class LeftAtIdle(gdb.Breakpoint):
    """Stops when the virtual CPU goes idle although a NAPI context has work left."""

    def __init__(self):
        super().__init__("arch_cpu_idle")

    def stop(self):
        kernel = Kernel()
        try:
            on_list = napi.waiting(kernel)
            return any(napi.verdict(kernel, one, on_list)[1] for _, one in napi.contexts(kernel))
        except (gdb.error, Broken):
            return False


class DdeBreak(gdb.Command):
    """Stop at what happens, not at a line.

Usage: dde-break probe|irq|napi|warn|finding|FUNCTION

napi: the CPU goes idle although a NAPI context has work left (slow: gdb looks at each idle).
probe: the driver's probe function is called. irq: one of its interrupt handlers runs. warn: Linux reports a fault (WARN,
BUG, a checker). finding: the runtime notices a fault in the driver (a bad unmap, a leak at remove, a warning).
With FUNCTION it is `break FUNCTION`."""

    def __init__(self):
        super().__init__("dde-break", gdb.COMMAND_BREAKPOINTS)

    def complete(self, text, word):
        return [kind for kind in KINDS if kind.startswith(word)]

    def invoke(self, argument, from_tty):
        kind = argument.strip()
        if not kind:
            raise gdb.GdbError("dde-break: stop at what? %s or a function" % ", ".join(KINDS))
        if kind == "napi":
            LeftAtIdle()
            return
        names = functions(kind)
        if not names:
            raise gdb.GdbError("dde-break: nothing of the kind '%s' is in this driver" % kind)
        for name in names:
            gdb.Breakpoint(name)


DdeBreak()
