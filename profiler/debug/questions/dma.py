# SPDX-License-Identifier: MIT
"""Live DMA mappings with the driver's call sites: the runtime's own table (arch/dde, struct live)."""
import struct

from .answer import Answer, hexa
from .devices import device_name
from .lists import hlist_entries

DIRECTIONS = ("BIDIRECTIONAL", "TO_DEVICE", "FROM_DEVICE", "NONE")
TABLE = ("table", "struct hlist_head", ("mappings.c", "leaks.c"))


def mappings(k):
    """Every struct live."""
    table = k.variable(TABLE[0], *TABLE[2])
    if table is None:
        return
    buckets = k.length(table)
    words = struct.unpack("<%dQ" % buckets, k.read(table.address, 8 * buckets))
    for i, first in enumerate(words):
        if first:
            yield from hlist_entries(k, table.address + 8 * i, "struct live", "node")


def mapping_at(k, address):
    """The mapping that covers a DMA address, or None."""
    for one in mappings(k):
        if int(one.dma) <= address < int(one.dma) + int(one.size):
            return one
    return None


def dma(k, by_site=False):
    sites = {}
    rows = []
    for one in mappings(k):
        caller = int(one.caller)
        kind = "coherent" if int(one.coherent) else "streaming"
        row = dict(
            id=int(one.id),
            device=device_name(k, int(one.dev)),
            kind=kind,
            dma=hexa(int(one.dma)),
            size=int(one.size),
            direction=None if kind == "coherent" else DIRECTIONS[int(one.dir) & 3],
            site=k.line(caller),
            function=k.function(caller),
        )
        rows.append(row)
        total = sites.setdefault((row["device"], kind, row["site"]), [0, 0, row["function"]])
        total[0] += 1
        total[1] += row["size"]
    if by_site:
        return _by_site(sites, len(rows))
    answer = Answer(
        "dma",
        [
            ("id", "ID"),
            ("device", "DEVICE"),
            ("kind", "KIND"),
            ("dma", "DMA ADDRESS"),
            ("size", "SIZE"),
            ("direction", "DIRECTION"),
            ("function", "MAPPED BY"),
            ("site", "AT"),
        ],
        "no DMA mapping is live",
    )
    answer.rows = sorted(rows, key=lambda row: row["id"])
    if rows:
        answer.note("%d mappings, %d bytes" % (len(rows), sum(row["size"] for row in rows)))
    return answer


def _by_site(sites, count):
    answer = Answer(
        "dma-sites",
        [
            ("device", "DEVICE"),
            ("kind", "KIND"),
            ("mappings", "MAPPINGS"),
            ("bytes", "BYTES"),
            ("function", "MAPPED BY"),
            ("site", "AT"),
        ],
        "no DMA mapping is live",
    )
    for (device, kind, site), (n, size, function) in sorted(sites.items(), key=lambda item: -item[1][1]):
        answer.add(device=device, kind=kind, mappings=n, bytes=size, function=function, site=site)
    return answer
