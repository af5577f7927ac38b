# SPDX-License-Identifier: MIT
"""Threads as the kernel knows them: which one runs the driver, who sleeps where. `dde-threads`, `dde-thread`."""
import gdb

from . import frames, settings, state
from .access import Kernel, short
from .answer import Answer


def runner_tid():
    """The host's thread id of the thread that holds the virtual CPU."""
    try:
        runner = gdb.parse_and_eval("(struct ddekit_thread *)ddekit__runner")
        return int(runner["host_tid"]) if int(runner) else 0
    except gdb.error:
        return 0


def thread_of(tid):
    return next((one for one in gdb.selected_inferior().threads() if one.ptid[1] == tid), None)


_driver_files = {}


def driver_files():
    """Ends of the source paths that belong to the driver."""
    manifest = settings.manifest()
    key = manifest.get("buildId")
    if key not in _driver_files:
        objects = manifest.get("driverObjects", [])
        _driver_files[key] = {name.rsplit(".", 1)[0] + ".c" for name in objects}
    return _driver_files[key]


def is_driver(frame):
    where = frame.find_sal()
    if where.symtab is None:
        return False
    path = short(where.symtab.filename)
    return any(path.endswith(file) for file in driver_files())


def _driver_frame():
    return next((frame for frame in frames.selected_chain() if not frames.is_host(frame) and is_driver(frame)), None)


def choose():
    """Selects the thread that runs the driver, and in it the frame to look at. Returns a sentence about it."""
    before = gdb.selected_thread()
    running = thread_of(runner_tid())
    if running is None:
        return None
    running.switch()
    frame = _driver_frame()
    why = "runs the driver"
    if frame is None and _is_idle():
        other = _parked_in_driver(running)
        if other is not None:
            other.switch()
            frame, why = _driver_frame(), "waits in the driver (the virtual CPU is idle)"
        else:
            running.switch()
            why = "holds the virtual CPU, which is idle"
    elif frame is None:
        why = "holds the virtual CPU"
    selected = gdb.selected_thread()
    if selected is None:
        before.switch()
        return None
    top = frames.newest_kernel_frame()
    if top is not None:
        top.select()
    where = " in %s()" % (frame or top).name() if frame or top else ""
    return "thread %d \"%s\" %s%s" % (selected.num, name_of(selected), why, where)


def name_of(thread):
    """As the host knows it; a core file does not keep that, but the kernel's memory does."""
    if thread.name:
        return thread.name
    task = tasks_by_host(Kernel()).get(thread.ptid[1])
    return task.comm.string() if task is not None else "host"


def tasks_by_host(kernel):
    """The host's thread id -> the task that it runs."""
    found = {}
    for task in state.tasks(kernel):
        host = int(task.thread.host)
        if host:
            found[int(kernel.at("struct ddekit_thread", host).host_tid)] = task
    return found


def _is_idle():
    return any(frame.name() in frames.IDLES for frame in frames.selected_chain())


def _parked_in_driver(apart):
    for thread in gdb.selected_inferior().threads():
        if thread.num == apart.num:
            continue
        thread.switch()
        if _driver_frame() is not None:
            return thread
    return None


class DdeThread(gdb.Command):
    """Select the thread that runs the driver, and its innermost frame that belongs to the kernel side.

Usage: dde-thread

That is the thread that holds the virtual CPU; while the CPU is idle, a thread that waits inside the driver."""

    def __init__(self):
        super().__init__("dde-thread", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        settings.need_process()
        text = choose()
        if text is None:
            raise gdb.GdbError("the virtual CPU has no thread yet")
        gdb.write("[%s]\n" % text)


class DdeThreads(gdb.Command):
    """List the kernel's threads: state, and the function of the kernel that each waits in.

Usage: dde-threads [--json]

The numbers are gdb's: `thread N` selects one, and `bt` shows its stack in the kernel."""

    def __init__(self):
        super().__init__("dde-threads", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        settings.need_process()
        answer = threads()
        gdb.write(answer.as_json() + "\n" if "--json" in argument else answer.as_text())


def threads():
    tasks = tasks_by_host(Kernel())
    answer = Answer("threads", [("thread", "THREAD"), ("pid", "PID"), ("name", "NAME"), ("state", "STATE"),
                                ("function", "IN"), ("site", "AT")])
    before, frame_before = gdb.selected_thread(), None
    try:
        frame_before = gdb.selected_frame()
    except gdb.error:
        pass
    runner = runner_tid()
    for thread in sorted(gdb.selected_inferior().threads(), key=lambda one: one.num):
        task = tasks.get(thread.ptid[1])
        thread.switch()
        # What it waits for is more interesting than that it waits.
        frame = _waits_in() if task is not None else None
        where = frame.find_sal() if frame is not None else None
        answer.add(
            thread=thread.num,
            pid=int(task.pid) if task is not None else None,
            name=task.comm.string() if task is not None else "(host) %s" % (thread.name or ""),
            state="running" if thread.ptid[1] == runner else state.task_state(task) if task is not None else None,
            function=frame.name() if frame is not None else None,
            site="%s:%d" % (short(where.symtab.filename), where.line) if where and where.symtab else None,
        )
    if before is not None:
        before.switch()
    if frame_before is not None and frame_before.is_valid():
        frame_before.select()
    return answer


SLEEPERS = {"schedule", "schedule_timeout", "schedule_hrtimeout_range", "schedule_hrtimeout_range_clock",
            "schedule_timeout_uninterruptible", "schedule_preempt_disabled", "io_schedule", "io_schedule_timeout",
            "do_wait_for_common", "__wait_for_common", "wait_for_common", "schedule_timeout_idle",
            "schedule_timeout_interruptible", "schedule_timeout_killable", "schedule_hrtimeout", "usleep_range_state"}


def _waits_in():
    shown = (frame for frame in frames.selected_chain() if not frames.is_host(frame))
    return next((one for one in shown if one.name() not in SLEEPERS and one.name() not in frames.SWITCHES), None)


DdeThread()
DdeThreads()
