# SPDX-License-Identifier: MIT
"""The kernel's threads and their states, without their stacks."""
from . import state
from .answer import Answer


def threads(k):
    answer = Answer("threads", [("pid", "PID"), ("host", "HOST"), ("name", "NAME"), ("state", "STATE"), ("task", "TASK")])
    running = state.current(k).address
    for task in state.tasks(k):
        host = int(task.thread.host)
        answer.add(
            pid=int(task.pid),
            host=int(k.at("struct ddekit_thread", host).host_tid) if host else None,
            name=task.comm.string(),
            state="running" if task.address == running else state.task_state(task),
            task="0x%x" % task.address,
        )
    return answer
