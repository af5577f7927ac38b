# SPDX-License-Identifier: MIT
"""Packets: what waits in which queue, and one sk_buff in words."""
from . import state
from .answer import Answer, hexa
from .devices import netdevs

QUEUE_STATES = ("STOPPED (driver)", "STOPPED (BQL)", "FROZEN")
PROTOCOLS = {0x0800: "IPv4", 0x0806: "ARP", 0x86DD: "IPv6", 0x8100: "VLAN"}
NET_RX = 3


def transmit_queues(k, dev):
    count = int(dev.num_tx_queues)
    base, size = int(dev.__getattr__("_tx")), k.sizeof("struct netdev_queue")
    for number in range(min(count, 4096)):
        yield number, k.at("struct netdev_queue", base + number * size)


def in_flight(queue):
    """Bytes that the driver has taken and not reported as sent; None when it does not say (BQL)."""
    return int(queue.dql.num_queued) - int(queue.dql.num_completed) if queue.has("dql") else None


def queues(k):
    answer = Answer(
        "skb",
        [
            ("queue", "QUEUE"),
            ("packets", "PACKETS"),
            ("bytes", "BYTES"),
            ("inFlight", "IN FLIGHT"),
            ("state", "STATE"),
            ("lastMs", "LAST TX MS AGO"),
            ("timeoutMs", "TIMEOUT MS"),
        ],
    )
    rate, now = state.hz(k), state.jiffies(k)
    for dev in netdevs(k):
        name = dev.name.string()
        for number, queue in transmit_queues(k, dev):
            qdisc = k.at("struct Qdisc", int(queue.qdisc)) if int(queue.qdisc) else None
            bits = int(queue.state)
            flight = in_flight(queue)
            last = state.signed(now - int(queue.trans_start)) * 1000 // rate
            answer.add(
                queue="%s tx-%d" % (name, number),
                packets=int(qdisc.q.qlen) if qdisc is not None else 0,
                bytes=int(qdisc.qstats.backlog) if qdisc is not None else 0,
                inFlight=flight,
                state=", ".join(text for i, text in enumerate(QUEUE_STATES) if bits >> i & 1) or "open",
                lastMs=last if int(queue.trans_start) else None,
                timeoutMs=int(dev.watchdog_timeo) * 1000 // rate or None,
            )
    softnet = k.variable("softnet_data")
    for name in ("input_pkt_queue", "process_queue"):
        answer.add(queue="softnet %s" % name, packets=int(softnet.__getattr__(name).qlen))
    if int(softnet.completion_queue):
        answer.note("packets wait to be freed in NET_TX (softnet_data.completion_queue)")
    return answer


def skb(k, address):
    """One sk_buff at an address."""
    one = k.at("struct sk_buff", address)
    answer = Answer("skb", [("field", "FIELD"), ("value", "VALUE")])
    head, data = int(one.head), int(one.data)
    protocol = int(one.protocol)
    protocol = (protocol & 0xFF) << 8 | protocol >> 8
    dev = int(one.dev)
    rows = [
        ("device", k.at("struct net_device", dev).name.string() if dev else None),
        ("length", "%d (%d in fragments)" % (int(one.len), int(one.data_len))),
        ("data", "%s, headroom %d, tailroom %d" % (hexa(data), data - head, int(one.end) - int(one.tail))),
        ("protocol", "%s (0x%04x)" % (PROTOCOLS.get(protocol, "?"), protocol)),
        ("references", int(one.users.refs.counter)),
        ("truesize", int(one.truesize)),
    ]
    shared = k.at("struct skb_shared_info", head + int(one.end))
    rows.append(("fragments", int(shared.nr_frags)))
    rows.append(("gso", "%d x %d bytes" % (int(shared.gso_segs), int(shared.gso_size)) if int(shared.gso_size) else None))
    start = k.read(data, min(32, max(0, int(one.len) - int(one.data_len))))
    rows.append(("bytes", start.hex(" ")))
    for field, value in rows:
        answer.add(field=field, value=value)
    return answer
