# SPDX-License-Identifier: MIT
"""Everything of ours in gdb: gdb -x profiler/debug/gdb/init.py, after the program is known. `dde-profile gdb` does so."""
import importlib
import os
import sys
import types

import gdb
import gdb.types

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))

# One package of the modules beside this file and of the questions, which drgn shares.
package = types.ModuleType("dde")
package.__path__ = [HERE, os.path.join(HERE, "..", "questions")]
sys.modules["dde"] = package

MODULES = ("settings", "world", "frames", "threads", "kernel_scripts", "printers", "device_commands",
           "memory_commands", "time_commands", "trace_command", "bar", "breaks")
for name in MODULES:
    importlib.import_module("dde." + name)
