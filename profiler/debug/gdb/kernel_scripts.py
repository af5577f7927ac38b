# SPDX-License-Identifier: MIT
"""The kernel's own scripts/gdb of the source that the driver was built from: lx-dmesg, lx-ps, lx-list-check and so on.

Nothing of it is changed: gdb-constants.py beside the executable is what Kbuild makes of constants.py.in. Two answers that its
architecture list does not have (one virtual CPU, which task runs on it) are given here.
"""
import importlib
import importlib.util
import os
import sys

import gdb

from . import settings

PARTS = ("utils", "symbols", "dmesg", "tasks", "config", "cpus", "lists", "rbtree", "proc", "timerlist", "device",
         "interrupts", "mm", "slab", "page_owner", "vmalloc", "radixtree", "mapletree", "xarray", "genpd", "clk",
         "modules", "bpf")
# What these ask for is not configured, so they cannot work: lx-symbols and lx-lsmod (no modules), clk, genpd, bpf.
ABSENT = {"symbols", "modules", "clk", "genpd", "bpf", "page_owner", "vmalloc", "mm", "slab"}


def why_not():
    """Loads the scripts; returns why that is not possible, or None."""
    directory = settings.build_dir()
    constants = os.path.join(directory or "", "gdb-constants.py")
    scripts = os.path.join(settings.manifest().get("sourceRoot", ""), "scripts/gdb")
    if not os.path.isdir(scripts):
        return "%s: not found" % scripts
    if not os.path.isfile(constants):
        return "%s: not found (`dde-profile gdb` makes it)" % constants
    sys.path.insert(0, scripts)
    import linux

    spec = importlib.util.spec_from_file_location("linux.constants", constants)
    module = importlib.util.module_from_spec(spec)
    sys.modules["linux.constants"] = module
    spec.loader.exec_module(module)
    linux.constants = module
    for part in PARTS:
        if part in ABSENT or not os.path.isfile(os.path.join(scripts, "linux", part + ".py")):
            continue
        try:
            importlib.import_module("linux." + part)
        except Exception as fault:  # one script that does not fit must not cost the others
            gdb.write("dde: scripts/gdb/linux/%s.py: %s\n" % (part, fault), gdb.STDERR)
    _one_cpu()
    return None


def _one_cpu():
    cpus = sys.modules.get("linux.cpus")
    if cpus is None:
        return
    cpus.get_current_cpu = lambda: 0

    def current_task(cpu):
        return gdb.parse_and_eval("*dde_current")

    cpus.get_current_task = current_task


reason = why_not()
if reason is not None:
    gdb.write("dde: the kernel's own gdb commands (lx-...) are not there: %s\n" % reason, gdb.STDERR)
