# SPDX-License-Identifier: MIT
"""Where the virtual CPU is: current task, context, pending softirqs, time."""

SOFTIRQS = ("HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU")
NET_RX = 3

# include/linux/preempt.h
SOFTIRQ_OFFSET = 0x100
SOFTIRQ_MASK = 0xFF00
HARDIRQ_MASK = 0xF0000

# include/linux/sched.h, as fs/proc/array.c shows them
_STATES = ((0x1, "S"), (0x2, "D"), (0x4, "T"), (0x8, "t"), (0x10, "X"), (0x20, "Z"), (0x40, "P"))
_IDLE = 0x402
PF_WQ_WORKER = 0x20
PF_KTHREAD = 0x200000


def current(k):
    """The task that holds the virtual CPU, a struct task_struct."""
    return k.at("struct task_struct", int(k.variable("dde_current")))


def preempt_count(k, task=None):
    task = task or current(k)
    return int(task.thread_info.preempt_count) & 0x7FFFFFFF


def softirq_pending(k):
    return int(k.variable("irq_stat").__getattr__("__softirq_pending"))


def context(k):
    """What the virtual CPU is doing, in Linux's words."""
    count = preempt_count(k)
    parts = []
    if count & HARDIRQ_MASK:
        parts.append("in hardirq")
    if count & SOFTIRQ_OFFSET:
        parts.append("in softirq")
    elif count & SOFTIRQ_MASK:
        parts.append("softirqs off")
    if not int(k.variable("ddekit_cpu").irqs_on):
        parts.append("interrupts off")
    return ", ".join(parts) or "in a thread"


def in_softirq(k):
    return bool(preempt_count(k) & SOFTIRQ_OFFSET)


def task_state(task):
    state = int(task.__getattr__("__state"))
    if state == 0:
        return "R"
    if state & _IDLE == _IDLE:
        return "I"
    for bit, name in _STATES:
        if state & bit:
            return name
    return "?"


def tasks(k):
    """Every thread, pid 0 first."""
    init = k.variable("init_task").address
    offset = k.offset("struct task_struct", "tasks")
    leaders, at = [init], k.u64(init + offset) - offset
    while at != init and len(leaders) < 100_000:
        leaders.append(at)
        at = k.u64(at + offset) - offset
    from . import lists

    for leader in leaders:
        task = k.at("struct task_struct", leader)
        if leader == init:
            yield task
            continue
        signal = int(task.signal)
        head = k.at("struct signal_struct", signal).thread_head.address
        for thread in lists.list_entries(k, head, "struct task_struct", "thread_node"):
            yield thread


def hz(k):
    tick = k.variable("tick_nsec")
    return round(1e9 / int(tick)) if tick is not None and int(tick) else 250


def jiffies(k):
    return int(k.variable("jiffies_64")) & 0xFFFFFFFFFFFFFFFF


def signed(value, bits=64):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def monotonic_ns(k):
    """The kernel's monotonic clock as of its last tick."""
    mono = k.variable("tk_core").timekeeper.tkr_mono
    return int(mono.base) + (int(mono.xtime_nsec) >> int(mono.shift))
