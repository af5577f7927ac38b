# SPDX-License-Identifier: MIT
"""Pending timers, high-resolution timers and work items."""
import struct

from . import state
from .answer import Answer, hexa
from .lists import hlist_entries, list_entries, tree_nodes

CLOCKS = {0: "REALTIME", 1: "MONOTONIC", 7: "BOOTTIME", 11: "TAI"}


def wheel(k):
    """Every pending struct timer_list."""
    bases = k.variable("timer_bases")
    for number in range(k.length(bases)):
        vectors = bases[number].vectors
        count = k.length(vectors)
        words = struct.unpack("<%dQ" % count, k.read(vectors.address, 8 * count))
        for i, first in enumerate(words):
            if first:
                yield from hlist_entries(k, vectors.address + 8 * i, "struct timer_list", "entry")


def hrtimers(k):
    """(clock's name, base offset in ns, struct hrtimer) of every queued one."""
    bases = k.variable("hrtimer_bases").clock_base
    node = k.offset("struct hrtimer", "node") + k.offset("struct timerqueue_node", "node")
    for number in range(k.length(bases)):
        base = bases[number]
        root = base.active.rb_root.rb_root.address
        for at in tree_nodes(k, root):
            yield CLOCKS.get(int(base.clockid), "?"), int(base.offset), k.at("struct hrtimer", at - node)


def _delayed(k, timer):
    """The function of a delayed work whose timer this is."""
    at = timer.address - k.offset("struct delayed_work", "timer")
    return int(k.at("struct delayed_work", at).work.func)


def timers(k):
    answer = Answer(
        "timers",
        [("inMs", "IN MS"), ("kind", "KIND"), ("function", "FUNCTION"), ("timer", "TIMER"), ("note", "NOTE")],
        "no timer is pending",
    )
    rate, now = state.hz(k), state.jiffies(k)
    for timer in wheel(k):
        function = int(timer.function)
        name = k.function(function)
        note = None
        if name == "delayed_work_timer_fn":
            note = "queues work %s" % k.function(_delayed(k, timer))
        left = state.signed(int(timer.expires) - now) * 1000.0 / rate
        answer.add(inMs=round(left, 1), kind="timer", function=name, timer=hexa(timer.address), note=note)
    mono = state.monotonic_ns(k)
    for clock, offset, timer in hrtimers(k):
        left = (state.signed(int(timer.node.expires)) - state.signed(offset) - mono) / 1e6
        answer.add(
            inMs=round(left, 1),
            kind="hrtimer",
            function=k.function(int(timer.function)),
            timer=hexa(timer.address),
            note=None if clock == "MONOTONIC" else clock,
        )
    answer.rows.sort(key=lambda row: row["inMs"])
    answer.note("times are since the last tick (jiffies %d, HZ %d); a negative one is overdue" % (now, rate))
    return answer


def workers(k):
    """(task, struct worker) of every kworker and rescuer."""
    for task in state.tasks(k):
        if not int(task.flags) & state.PF_WQ_WORKER:
            continue
        kthread = int(task.worker_private) if task.has("worker_private") else int(task.set_child_tid)
        data = int(k.at("struct kthread", kthread).data) if kthread else 0
        if data:
            yield task, k.at("struct worker", data)


def work(k):
    answer = Answer(
        "work",
        [
            ("state", "STATE"),
            ("function", "FUNCTION"),
            ("work", "WORK"),
            ("queue", "QUEUE"),
            ("worker", "WORKER"),
            ("inMs", "IN MS"),
        ],
        "no work is queued or running",
    )
    pools = {}
    for task, worker in workers(k):
        if int(worker.pool):
            pools[int(worker.pool)] = None
        if int(worker.current_work):
            queue = _queue(k, int(worker.current_pwq))
            answer.add(state="running", function=k.function(int(worker.current_func)),
                       work=hexa(int(worker.current_work)), queue=queue, worker=task.comm.string())
    for pool in pools:
        head = k.at("struct worker_pool", pool).worklist.address
        for item in list_entries(k, head, "struct work_struct", "entry"):
            answer.add(state="queued", function=k.function(int(item.func)), work=hexa(item.address),
                       queue=_queue(k, int(item.data.counter) & ~0xFF))
    for name, item in inactive(k):
        answer.add(state="held back", function=k.function(int(item.func)), work=hexa(item.address), queue=name)
    rate, now = state.hz(k), state.jiffies(k)
    for timer in wheel(k):
        if k.function(int(timer.function)) != "delayed_work_timer_fn":
            continue
        delayed = k.at("struct delayed_work", timer.address - k.offset("struct delayed_work", "timer"))
        left = state.signed(int(timer.expires) - now) * 1000.0 / rate
        queue = k.at("struct workqueue_struct", int(delayed.wq)).name.string() if int(delayed.wq) else None
        answer.add(state="delayed", function=k.function(int(delayed.work.func)), work=hexa(delayed.address),
                   queue=queue, inMs=round(left, 1))
    return answer


def _queue(k, pwq):
    if pwq < 0x1000:
        return None
    return k.at("struct workqueue_struct", int(k.at("struct pool_workqueue", pwq).wq)).name.string()


def inactive(k):
    """(queue's name, struct work_struct) of what waits for max_active."""
    head = k.variable("workqueues").address
    for queue in list_entries(k, head, "struct workqueue_struct", "list"):
        for pwq in list_entries(k, queue.pwqs.address, "struct pool_workqueue", "pwqs_node"):
            for item in list_entries(k, pwq.inactive_works.address, "struct work_struct", "entry"):
                yield queue.name.string(), item
