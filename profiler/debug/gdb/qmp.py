# SPDX-License-Identifier: MIT
"""QEMU's monitor of a driver process, without a socket in the file system.

The driver process holds one end of a socket pair, QEMU the other (ddekit/device: ddekit__qmp_fd). Who may debug the process
may borrow that end (pidfd_getfd, Linux 5.6); nobody else can reach it, and it is gone with the processes.
"""
import ctypes
import json
import os
import socket

PIDFD_GETFD = 438
TIMEOUT = 2.0
_next = [0]


class QmpError(Exception):
    pass


def borrow(pid, fd):
    """A duplicate of a descriptor of another process."""
    pidfd = os.pidfd_open(pid)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        got = libc.syscall(PIDFD_GETFD, pidfd, fd, 0)
        if got < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return got
    finally:
        os.close(pidfd)


class Qmp:
    def __init__(self, pid, fd):
        self.socket = socket.socket(fileno=borrow(pid, fd))
        self.socket.settimeout(TIMEOUT)
        self._rest = b""
        try:
            self.execute("qmp_capabilities")
        except QmpError:
            pass  # an earlier debugger has done that

    def execute(self, command, **arguments):
        _next[0] += 1
        name = "dde-%d-%d" % (os.getpid(), _next[0])
        request = {"execute": command, "id": name}
        if arguments:
            request["arguments"] = arguments
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
            while True:
                answer = json.loads(self._line())
                if answer.get("id") == name:
                    break
        except (OSError, ValueError) as fault:
            raise QmpError("QEMU's monitor: %s" % fault) from None
        if "error" in answer:
            raise QmpError("QEMU's monitor: %s" % answer["error"].get("desc", answer["error"]))
        return answer.get("return")

    def _line(self):
        while b"\n" not in self._rest:
            more = self.socket.recv(65536)
            if not more:
                raise OSError("it has closed the connection")
            self._rest += more
        line, self._rest = self._rest.split(b"\n", 1)
        return line

    def running(self):
        return bool(self.execute("query-status").get("running"))

    def close(self):
        self.socket.close()
