# SPDX-License-Identifier: MIT
"""The last events of a thread, as they stand in its ring: while somebody records, or since somebody did.

The layout is that of tracer/abi/ddet_abi.h (records, blocks) and tracer/format/layout.ts (arguments in a record).
"""
import json
import os
import struct

from .answer import Answer, hexa

BLOCK = 65536
RECORD = 16
HEADER = 32
ENTRY, EXIT, EVENT, BEGIN, PAD = 1, 2, 3, 4, 5
TRACEPOINTS = 4096
SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "str": 4, "u32s": 4}
CODES = {"u8": "<B", "u16": "<H", "u32": "<I", "u64": "<Q"}

_table = None


def event_table():
    """(events by number, enums) of this version of the tool."""
    global _table
    if _table is None:
        here = os.path.dirname(os.path.abspath(__file__))
        with open(os.path.join(here, "..", "..", "..", "tracer", "format", "events.json")) as file:
            data = json.load(file)
        _table = {one["id"]: one for one in data["events"]}, data["enums"]
    return _table


def _arguments(k, event, arg, payload, enums):
    """`name=value` of each argument."""
    words, offset = [], 0
    for index, spec in enumerate(event["args"]):
        kind = spec["type"]
        if index == 0 and kind not in ("u64", "str", "u32s"):
            value = arg
        elif kind == "str":
            value = payload[offset:].split(b"\0")[0].decode("utf-8", "replace")
        elif kind == "u32s":
            at = (offset + 3) & ~3
            numbers = struct.unpack_from("<%dI" % ((len(payload) - at) // 4), payload, at)
            value = " < ".join(_shown(k, one, spec, enums) for one in numbers if one)
        else:
            size = SIZES[kind]
            offset = (offset + size - 1) // size * size
            value = struct.unpack_from(CODES[kind], payload, offset)[0] if offset + size <= len(payload) else 0
            offset += size
        words.append("%s=%s" % (spec["name"], _shown(k, value, spec, enums)))
    return " ".join(words)


def _shown(k, value, spec, enums):
    if isinstance(value, str):
        return value
    kind = spec["format"]
    if kind == "sym":
        return (k.symbol(value) if value else None) or hexa(value)
    if kind == "enum":
        names = enums.get(spec.get("enum"), [])
        return names[value] if value < len(names) else str(value)
    return hexa(value) if kind == "hex" else str(value)


def _events(block):
    """(tsc, kind, number, arg, payload) of a block's records, oldest first."""
    at = HEADER
    while at + RECORD <= len(block):
        tsc, word, arg = struct.unpack_from("<QII", block, at)
        kind, number = word >> 28, word & 0x0FFFFFFF
        at += RECORD
        if kind not in (ENTRY, EXIT, EVENT):
            return  # padding, or what the recorder has taken and given back
        extra = number >> 24
        if kind == ENTRY:
            extra = (extra + 3) // 4
        elif kind == EXIT:
            extra = 0
        yield tsc, kind, number & 0x00FFFFFF, arg, block[at:at + extra * RECORD]
        at += extra * RECORD


def newest(k, thread, count):
    """The last events of a struct ddet_thread, oldest first."""
    ring, ring_bytes = int(thread.ring), int(k.variable("ddet_ring_bytes"))
    head = int(thread.slot.head) if int(thread.slot) else 0
    found = []
    position = (head - 1) // BLOCK * BLOCK if head else 0
    while ring and head and len(found) < count and position >= 0 and position + ring_bytes > head:
        block = k.read(ring + position % ring_bytes, min(BLOCK, head - position))
        found = list(_events(block)) + found
        position -= BLOCK
    return found[-count:]


def trace(k, build_file, address, count):
    """@address: of the struct ddet_thread, 0 for a thread that has none."""
    answer = Answer(
        "trace",
        [("ticks", "TICKS"), ("event", "EVENT"), ("arguments", "ARGUMENTS")],
        "no events: nobody has recorded this thread (dde-profile attach PID does)",
    )
    if not address:
        return answer
    events, enums = event_table()
    sites = (build_file("sites.json") or {}).get("sites", [])
    points = (build_file("tracepoints.json") or {}).get("tracepoints", [])
    found = newest(k, k.at("struct ddet_thread", address), count)
    for tsc, kind, number, arg, payload in found:
        row = dict(ticks=tsc - found[-1][0], arguments=None)
        if kind == EVENT and number >= TRACEPOINTS:
            point = number - TRACEPOINTS
            row["event"] = points[point]["name"] if point < len(points) else "tracepoint %d" % point
        elif kind == EVENT:
            event = events.get(number)
            row["event"] = event["name"] if event else "event %d" % number
            row["arguments"] = _arguments(k, event, arg, payload, enums) if event else None
        else:
            name = sites[number]["name"] if number < len(sites) else "site %d" % number
            row["event"] = ("-> " if kind == ENTRY else "<- ") + name
            row["arguments"] = hexa(arg)
        answer.add(**row)
    if found:
        answer.note("%d events; ticks of the TSC before the last one" % len(found))
    return answer
