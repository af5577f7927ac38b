# SPDX-License-Identifier: MIT
"""The build that is debugged, and the settings of ours: `show dde`."""
import json
import os

import gdb


class DdeSet(gdb.Command):
    """Settings of dde-profile."""

    def __init__(self):
        super().__init__("set dde", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


class DdeShow(gdb.Command):
    """Settings of dde-profile."""

    def __init__(self):
        super().__init__("show dde", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


DdeSet()
DdeShow()


class DeviceRuns(gdb.Parameter):
    """Whether the device's time goes on while the driver is stopped.

Off (the default): QEMU's virtual time and the driver's clock stand still together with the process, so that no packet is
lost, no timer expires and no watchdog fires when it continues. On: the device runs on, as real hardware would."""

    set_doc = "Whether the device's time goes on while the driver is stopped."
    show_doc = "Whether the device's time goes on while the driver is stopped."

    def __init__(self):
        super().__init__("dde device-runs", gdb.COMMAND_RUNNING, gdb.PARAM_BOOLEAN)
        self.value = False

    def get_set_string(self):
        return ""

    def get_show_string(self, value):
        return "The device %s while the driver is stopped." % ("runs on" if value == "on" else "stands still")


device_runs = DeviceRuns()


def build_dir():
    """The folder of the executable: manifest.json, registers.json and so on lie beside it."""
    name = gdb.current_progspace().filename
    return os.path.dirname(os.path.realpath(name)) if name else None


_read = {}


def build_file(name):
    """A JSON file of the build, or None."""
    directory = build_dir()
    path = os.path.join(directory, name) if directory else ""
    if path not in _read:
        try:
            with open(path) as file:
                _read[path] = json.load(file)
        except (OSError, ValueError):
            _read[path] = None
    return _read[path]


def manifest():
    return build_file("manifest.json") or {}


def is_live():
    """A process, not a core file and not merely a program."""
    inferior = gdb.selected_inferior()
    connection = getattr(inferior, "connection", None)
    return inferior.pid != 0 and connection is not None and connection.type != "core"


def need_process():
    if gdb.selected_inferior().pid == 0:
        raise gdb.GdbError("there is no driver process yet: `run` one, `attach PID`, or `core FILE`")
