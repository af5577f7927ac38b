# SPDX-License-Identifier: MIT
"""The driver's descriptor rings, found by form: members of its private structure whose type's name says ring or queue.

Which structure is the private one stands in the driver's source: the type that netdev_priv() or pci_get_drvdata() is
assigned to.
"""
import os
import re

from .answer import Answer, hexa
from .devices import driver_name, device_name, netdevs, parent_of, pci_devices

RING = re.compile(r"ring|queue|_rxq|_txq|_q$", re.I)
PRIVATE = re.compile(r"struct\s+(\w+)\s*\*\s*\w+\s*=\s*(netdev_priv|pci_get_drvdata|dev_get_drvdata)\s*\(")
SHOWN = re.compile(r"^(count|size|dma|head|tail|next_to_\w+|sq_tail|sq_head|cq_head|cq_phase|q_depth|qid|cur_\w+|dirty_\w+"
                   r"|rx_head|rx_tail|tx_head|tx_tail|num\w*|desc_count|use|clean)$")
MANY = 64


def private_types(manifest):
    """Names of the structures that netdev_priv() and *_get_drvdata() give in the driver's sources, commonest first."""
    counts = {"netdev_priv": {}, "drvdata": {}}
    for name in manifest.get("driverObjects", []):
        path = os.path.join(manifest.get("sourceRoot", ""), name.rsplit(".", 1)[0] + ".c")
        try:
            with open(path, errors="replace") as file:
                text = file.read()
        except OSError:
            continue
        for kind, function in PRIVATE.findall(text):
            of = counts["netdev_priv" if function == "netdev_priv" else "drvdata"]
            of[kind] = of.get(kind, 0) + 1
    return {name: sorted(of, key=of.get, reverse=True) for name, of in counts.items()}


def _first(k, names):
    return next(("struct %s" % name for name in names if k.has_type("struct %s" % name)), None)


def private_of(k, manifest):
    """(device's name, private structure) of each device of the driver."""
    types = private_types(manifest)
    of_net, of_device = _first(k, types["netdev_priv"]), _first(k, types["drvdata"])
    parents = {parent_of(dev): dev for dev in netdevs(k)}
    for pdev in pci_devices(k):
        if driver_name(pdev.dev) is None:
            continue
        dev = parents.get(pdev.dev.address)
        if dev is not None and of_net is not None:
            size = k.sizeof("struct net_device") + 31 & ~31
            yield dev.name.string(), k.at(of_net, dev.address + size)
        elif int(pdev.dev.driver_data) and of_device is not None and of_device not in ("struct net_device", "struct device"):
            yield device_name(k, pdev.dev.address), k.at(of_device, int(pdev.dev.driver_data))


def _elements(k, value, kind):
    """The structures behind a member: itself, what it points to, or the elements of an array of either."""
    shape = k.shape(value)
    if shape == "struct":
        yield value
    elif shape == "pointer":
        if int(value):
            yield k.at(kind, int(value))
    elif shape == "array":
        for i in range(min(k.length(value), MANY)):
            yield from _elements(k, value[i], kind)


def rings(k, manifest):
    answer = Answer("rings", [("device", "DEVICE"), ("member", "MEMBER"), ("type", "TYPE"), ("ring", "RING"),
                              ("state", "STATE")],
                    "no ring is found by its form in the driver's private structure")
    for device, private in private_of(k, manifest):
        for name, value in k.members(private):
            kind = k.type_name(value)
            if kind is None or not RING.search(kind) or not RING.search(name + " " + kind):
                continue
            for number, one in enumerate(_elements(k, value, kind)):
                state = ["%s=%s" % (field, hexa(int(v)) if field == "dma" else int(v)) for field, v in k.members(one)
                         if SHOWN.match(field) and k.shape(v) == "integer"]
                if state:
                    answer.add(device=device, member=name if k.shape(value) != "array" else "%s[%d]" % (name, number),
                               type=kind[7:], ring=hexa(one.address), state=state)
    return answer
