# SPDX-License-Identifier: MIT
"""What is wrong at this very moment: each question asked for its own kind of trouble."""
from . import irqs, locks, log, napi, skbs, state, timers
from .answer import Answer
from .devices import device_name, netdevs, netdev_state
from .dma import mappings
from .lists import Broken

HUNG_MS = 10_000
OVERDUE_MS = 1000


def _napi(k):
    on_list = napi.waiting(k)
    for dev, one in napi.contexts(k):
        text, wrong = napi.verdict(k, one, on_list)
        if wrong:
            yield "napi", "%s, %s: %s" % (dev.name.string(), k.function(int(one.poll)), text)


def _irqs(k):
    for number, desc in irqs.descriptors(k):
        internal = int(desc.istate) if desc.has("istate") else int(desc.core_internal_state__do_not_mess_with_it)
        names = [action.name.string() for action in irqs.actions(k, desc) if int(action.name)]
        if internal & irqs.IRQS_SPURIOUS_DISABLED:
            yield "irq", "irq %d (%s) was switched off by Linux: no handler took it" % (number, ", ".join(names))


def _transmit(k):
    rate, now = state.hz(k), state.jiffies(k)
    for dev in netdevs(k):
        if netdev_state(dev) != "up":
            continue
        for number, queue in skbs.transmit_queues(k, dev):
            idle = state.signed(now - int(queue.trans_start)) * 1000 // rate
            limit = int(dev.watchdog_timeo) * 1000 // rate
            if int(queue.state) & 1 and limit and int(queue.trans_start) and idle > limit:
                yield "tx", "%s tx-%d stands stopped by the driver for %d ms (time-out %d ms)" % (
                    dev.name.string(), number, idle, limit)
            flight = skbs.in_flight(queue)
            if int(queue.state) & 1 and flight == 0 and int(queue.dql.num_queued):
                yield "tx", "%s tx-%d is stopped, but nothing is in flight: nobody will wake it" % (
                    dev.name.string(), number)


def _tasks(k):
    now = state.jiffies(k)
    rate = state.hz(k)
    for task in state.tasks(k):
        if state.task_state(task) != "D":
            continue
        count = int(task.nvcsw) + int(task.nivcsw)
        since = int(task.last_switch_time) if task.has("last_switch_time") else None
        if since and int(task.last_switch_count) == count and (now - since) * 1000 // rate > HUNG_MS:
            yield "hung", "%s has not run for %d s, in an uninterruptible sleep" % (
                task.comm.string(), (now - since) // rate)


def _locks(k):
    waits = {task: owner for _, _, owner, waiting in locks.held(k) for task in waiting}
    for circle in locks.circles(waits):
        yield "deadlock", " waits for ".join(locks.name_of_task(k, task) for task in circle + circle[:1])


def _timers(k):
    rate, now = state.hz(k), state.jiffies(k)
    for timer in timers.wheel(k):
        name = k.function(int(timer.function))
        if name is None:
            yield "timer", "the timer at 0x%x calls 0x%x, which is no function" % (timer.address, int(timer.function))


def _mappings(k):
    left = {}
    for one in mappings(k):
        dev = k.at("struct device", int(one.dev))
        if not int(dev.driver):
            name = device_name(k, int(one.dev))
            left[name] = left.get(name, 0) + 1
    for name, count in left.items():
        yield "dma-leak", "%d DMA mappings of %s are left, and no driver is bound to it (dde-dma shows them)" % (count, name)


def _log(k):
    for when, text in log.reports(k):
        yield "log", "[%.6f] %s" % (when, text.splitlines()[0])


CHECKS = (_napi, _irqs, _transmit, _tasks, _locks, _timers, _mappings, _log)


def findings(k):
    answer = Answer("findings", [("kind", "KIND"), ("text", "WHAT")], "nothing wrong is seen at this moment")
    for check in CHECKS:
        try:
            for kind, text in check(k):
                answer.add(kind=kind, text=text)
        except Broken as fault:
            answer.add(kind="corrupt", text=str(fault))
    return answer
