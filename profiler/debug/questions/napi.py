# SPDX-License-Identifier: MIT
"""NAPI contexts: who is to be polled, by whom, and who has been forgotten."""
from . import state
from .answer import Answer
from .devices import netdevs
from .lists import list_entries, list_nodes

# include/linux/netdevice.h: the order is 6.1's and 6.12's alike
STATE_BITS = ("SCHED", "MISSED", "DISABLE", "NPSVC", "LISTED", "NO_BUSY_POLL", "IN_BUSY_POLL",
              "PREFER_BUSY_POLL", "THREADED", "SCHED_THREADED")
SCHED, DISABLE, NPSVC = 1, 4, 8
THREADED = 1 << 8


def contexts(k):
    """(net_device, napi_struct) pairs."""
    for dev in netdevs(k):
        for napi in list_entries(k, dev.napi_list.address, "struct napi_struct", "dev_list"):
            yield dev, napi


def waiting(k):
    """Addresses of the napi_structs on the CPU's poll list."""
    offset = k.offset("struct napi_struct", "poll_list")
    head = k.variable("softnet_data").poll_list.address
    return [node - offset for node in list_nodes(k, head)]


def verdict(k, napi, on_list):
    """What happens next with a context, and whether that is wrong."""
    bits = int(napi.state)
    if bits & DISABLE:
        return "disabled", False
    if bits & SCHED and bits & NPSVC and napi.address not in on_list:
        return "not enabled: as napi_add leaves it until napi_enable()", False
    if not bits & SCHED:
        return "idle: waits for an interrupt", False
    if bits & THREADED:
        return "scheduled on its own thread", False
    raised = state.softirq_pending(k) >> state.NET_RX & 1
    if napi.address in on_list:
        if raised:
            return "scheduled: NET_RX is raised", False
        if state.in_softirq(k):
            return "scheduled: softirqs are running", False
        return "SLEEPING WITH WORK LEFT: on the poll list, but NET_RX is not raised", True
    if state.in_softirq(k):
        return "being polled", False
    return "scheduled, but on no poll list", True


def napi(k):
    answer = Answer(
        "napi",
        [
            ("device", "DEVICE"),
            ("napi", "NAPI"),
            ("poll", "POLL"),
            ("weight", "WEIGHT"),
            ("state", "STATE"),
            ("next", "WHAT COMES NEXT"),
        ],
        "no NAPI context",
    )
    on_list = waiting(k)
    wrong = 0
    for dev, one in contexts(k):
        bits = int(one.state)
        text, bad = verdict(k, one, on_list)
        wrong += bad
        answer.add(
            device=dev.name.string(),
            napi="0x%x" % one.address,
            poll=k.function(int(one.poll)),
            weight=int(one.weight),
            state=[name for i, name in enumerate(STATE_BITS) if bits >> i & 1],
            next=text,
            wrong=bad,
        )
    pending = state.softirq_pending(k) >> state.NET_RX & 1
    answer.note(
        "poll list: %d waiting; NET_RX %s; virtual CPU: %s"
        % (len(on_list), "raised" if pending else "not raised", state.context(k))
    )
    if wrong:
        answer.note(
            "Nothing will poll %s until the next interrupt of any device, and the device's own interrupt is masked "
            "while SCHED is set: a poll that used up its budget must leave NET_RX raised."
            % ("this context" if wrong == 1 else "these contexts")
        )
    return answer
