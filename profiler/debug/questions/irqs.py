# SPDX-License-Identifier: MIT
"""Interrupts with their handlers, counts and states; softirqs, their handlers and tasklets."""
from . import state
from .answer import Answer, hexa

# kernel/irq/settings.h and include/linux/irq.h
IRQD_LEVEL = 1 << 13
IRQD_IRQ_DISABLED = 1 << 16
IRQD_IRQ_MASKED = 1 << 17
IRQD_IRQ_INPROGRESS = 1 << 18
# kernel/irq/internals.h
IRQS_SPURIOUS_DISABLED = 2
IRQS_PENDING = 0x200
# include/linux/interrupt.h
IRQF_SHARED = 0x80
FIRST = 3  # 1 and 2 are the timer's and the control socket's


def descriptors(k):
    """(number, struct irq_desc) of every interrupt line."""
    table = k.variable("irq_desc")
    for number in range(k.length(table)):
        yield number, table[number]


def actions(k, desc):
    at = int(desc.action)
    while at:
        action = k.at("struct irqaction", at)
        yield action
        at = int(action.next)


def _states(desc):
    bits = int(desc.irq_common_data.state_use_accessors)
    internal = int(desc.istate) if desc.has("istate") else int(desc.core_internal_state__do_not_mess_with_it)
    shown = []
    if bits & IRQD_IRQ_DISABLED:
        shown.append("disabled (depth %d)" % int(desc.depth))
    elif bits & IRQD_IRQ_MASKED:
        shown.append("masked")
    if bits & IRQD_IRQ_INPROGRESS:
        shown.append("in progress")
    if internal & IRQS_PENDING:
        shown.append("pending")
    if internal & IRQS_SPURIOUS_DISABLED:
        shown.append('switched off by Linux ("nobody cared")')
    if int(desc.irqs_unhandled):
        shown.append("%d unhandled" % int(desc.irqs_unhandled))
    return bits, shown


def irqs(k):
    answer = Answer(
        "irqs",
        [
            ("irq", "IRQ"),
            ("count", "COUNT"),
            ("trigger", "TRIGGER"),
            ("chip", "CHIP"),
            ("name", "NAME"),
            ("handler", "HANDLER"),
            ("thread", "THREAD"),
            ("state", "STATE"),
        ],
        "no interrupt is requested",
    )
    for number, desc in descriptors(k):
        if number < FIRST and number != 0:
            continue
        bits, states = _states(desc)
        chip = int(desc.irq_data.chip)
        for action in actions(k, desc):
            thread = int(action.thread)
            answer.add(
                irq=number,
                count=int(desc.tot_count),
                trigger="level" if bits & IRQD_LEVEL else "edge",
                chip=k.at("struct irq_chip", chip).name.string() if chip else None,
                name=action.name.string() if int(action.name) else None,
                handler=k.function(int(action.handler)),
                thread=k.function(int(action.thread_fn)) if thread and int(action.thread_fn) else None,
                state=", ".join(states) or "enabled",
            )
    return answer


def tasklets(k, name):
    head = k.variable(name)
    at = int(head.head) if head is not None else 0
    while at:
        tasklet = k.at("struct tasklet_struct", at)
        yield tasklet
        at = int(tasklet.next)


def softirq(k):
    answer = Answer(
        "softirq",
        [("vector", "VECTOR"), ("name", "NAME"), ("pending", "PENDING"), ("handler", "HANDLER"), ("queued", "QUEUED")],
    )
    pending = state.softirq_pending(k)
    vectors = k.variable("softirq_vec")
    queues = {"HI": "tasklet_hi_vec", "TASKLET": "tasklet_vec"}
    for number, name in enumerate(state.SOFTIRQS):
        queued = []
        for tasklet in tasklets(k, queues[name]) if name in queues else ():
            use = int(tasklet.use_callback) if tasklet.has("use_callback") else 0
            what = int(tasklet.callback) if use else int(tasklet.func)
            off = " (disabled)" if int(tasklet.count.counter) else ""
            queued.append("%s%s" % (k.function(what), off))
        action = int(vectors[number].action)
        answer.add(
            vector=number,
            name=name,
            pending=bool(pending >> number & 1),
            handler=k.function(action) if action else None,
            queued=queued,
        )
    answer.note("virtual CPU: %s, running %s" % (state.context(k), state.current(k).comm.string()))
    for task in state.tasks(k):
        if task.comm.string().startswith("ksoftirqd"):
            answer.note("%s: %s" % (task.comm.string(), _daemon(k, task)))
    return answer


def _daemon(k, task):
    if task.address == state.current(k).address:
        return "running"
    return "ready to run" if state.task_state(task) == "R" else "asleep"
