# SPDX-License-Identifier: MIT
"""The world stops as a whole: while gdb holds the process, QEMU's virtual time and the driver's clock stand still.

At a stop: QMP `stop`. Before the process goes on: QMP `cont`, and the span of the stop is added to ddekit_stopped_ns, which
the driver's clock subtracts. So no packet is lost, no timer of the device runs, and no watchdog fires. A guardian process
lets QEMU go on when gdb is killed. `set dde device-runs on` leaves the device alone.
"""
import os
import signal
import struct
import time

import gdb

from . import settings
from .qmp import Qmp, QmpError


def clock_of(pid):
    """The process and the address of its ddekit_stopped_ns; 0: this build has none."""
    symbol = gdb.lookup_global_symbol("ddekit_stopped_ns")
    return pid, int(symbol.value().address) if symbol is not None else 0


def add_stopped(pid, address, span):
    """Takes a span off the driver's clock. Past gdb, which counts the process as running already."""
    if not pid or not address:
        return
    try:
        memory = os.open("/proc/%d/mem" % pid, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return
    try:
        before = struct.unpack("<Q", os.pread(memory, 8, address))[0]
        os.pwrite(memory, struct.pack("<Q", before + span), address)
    except OSError:
        pass  # it ends just now
    finally:
        os.close(memory)


class Guardian:
    """A child that outlives gdb by one message: when gdb is gone while QEMU stands, it says `cont`."""

    def __init__(self, connection, clock):
        self._clock = clock
        read, self._write = os.pipe2(os.O_CLOEXEC)
        self._child = os.fork()
        if self._child == 0:
            try:
                self._watch(read, connection)
            finally:
                os._exit(0)
        os.close(read)

    def _watch(self, read, connection):
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_IGN if number != signal.SIGTERM else signal.SIG_DFL)
        keep = {read, connection.socket.fileno()}
        for name in os.listdir("/proc/self/fd"):
            if int(name) not in keep:
                try:
                    os.close(int(name))
                except OSError:
                    pass
        held = 0
        while True:
            got = os.read(read, 8)
            if len(got) < 8:
                break
            held = struct.unpack("<Q", got)[0]
        if held:
            connection.execute("cont")
            # A debugger that died in the middle can leave the process stopped as a job.
            os.kill(self._clock[0], signal.SIGCONT)
            add_stopped(*self._clock, time.clock_gettime_ns(time.CLOCK_MONOTONIC) - held)

    def tell(self, since):
        """When the stop began (monotonic ns), or 0: the world runs."""
        try:
            os.write(self._write, struct.pack("<Q", since))
        except OSError:
            pass

    def close(self):
        os.close(self._write)
        try:
            os.waitpid(self._child, 0)  # it ends with the pipe
        except ChildProcessError:
            pass  # gdb waits for children of its own, and may have got this one


class World:
    def __init__(self):
        self._pid = 0
        self._qmp = None
        self._guardian = None
        self._said = None
        self._device_held = False
        self._since = None
        gdb.events.stop.connect(lambda event: self.hold())
        gdb.events.cont.connect(lambda event: self.go())
        gdb.events.exited.connect(lambda event: self.forget())
        gdb.events.gdb_exiting.connect(lambda event: self.end())
        gdb.events.inferior_deleted.connect(lambda event: self.forget())

    def _connect(self):
        pid = gdb.selected_inferior().pid
        if self._qmp is not None and pid == self._pid:
            return True
        self._drop()
        try:
            fd = int(gdb.parse_and_eval("ddekit__qmp_fd"))
        except gdb.error:
            return self._say("this build has no way to stop QEMU's time: the device runs on while the driver is stopped")
        if fd < 0:
            return False  # QEMU has not been started yet
        try:
            self._qmp = Qmp(pid, fd)
            self._pid = pid
            self._guardian = Guardian(self._qmp, clock_of(pid))
            return True
        except (OSError, QmpError) as fault:
            return self._say("QEMU's time cannot be stopped (%s): the device runs on while the driver is stopped" % fault)

    def _say(self, text):
        if text != self._said:
            gdb.write("dde: %s\n" % text, gdb.STDERR)
            self._said = text
        return False

    def qmp(self):
        """The monitor's connection, or None."""
        return self._qmp if settings.is_live() and self._connect() else None

    def hold(self):
        if self._since is not None or not settings.is_live():
            return
        self._since = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        if settings.device_runs.value or not self._connect():
            return
        try:
            if self._qmp.running():
                self._guardian.tell(self._since)
                self._qmp.execute("stop")
                self._device_held = True
        except QmpError as fault:
            self._say(str(fault))
            self._drop()

    def go(self):
        if self._since is None:
            return
        if self._device_held:
            try:
                self._qmp.execute("cont")
                self._guardian.tell(0)
            except QmpError as fault:
                self._say(str(fault))
            self._device_held = False
        if not settings.device_runs.value:
            add_stopped(*clock_of(gdb.selected_inferior().pid), time.clock_gettime_ns(time.CLOCK_MONOTONIC) - self._since)
        self._since = None

    def _drop(self):
        if self._guardian is not None:
            self._guardian.close()
        if self._qmp is not None:
            self._qmp.close()
        self._qmp = self._guardian = None
        self._device_held = False

    def forget(self):
        """The process is gone, or no longer ours."""
        self._drop()
        self._since = None

    def end(self):
        self.go()
        self.forget()


world = World()
# A detach is no event.
gdb.execute("define hook-detach\npython __import__('dde.world').world.world.go()\nend\n")
