# SPDX-License-Identifier: MIT
"""The kernel's log buffer, and the reports of the kernel's checkers in it."""
import re

DESC_COMMITTED, DESC_FINALIZED = 1, 2
REPORT = re.compile(
    r"WARNING: |BUG: |Oops|kernel BUG at |INFO: task .* blocked|INFO: trying to register|nobody cared|NETDEV WATCHDOG|"
    r"possible circular|UBSAN: |KASAN: |KCSAN: |DMA-API: |list_(add|del) corruption|dde: .*(leak|unmap)|Kernel panic"
)


def records(k):
    """(seconds, text) of each message, oldest first."""
    ring = k.variable("printk_rb_static", "printk.c")
    prb = k.variable("prb", "printk.c")
    if prb is not None and int(prb):
        ring = k.at("struct printk_ringbuffer", int(prb))
    desc, text = ring.desc_ring, ring.text_data_ring
    count, size = 1 << int(desc.count_bits), 1 << int(text.size_bits)
    descs, infos, data = int(desc.descs), int(desc.infos), int(text.data)
    desc_size, info_size = k.sizeof("struct prb_desc"), k.sizeof("struct printk_info")
    at, head = int(desc.tail_id.counter), int(desc.head_id.counter)
    mask = (1 << 62) - 1
    while True:
        index = (at & mask) % count
        one = k.at("struct prb_desc", descs + index * desc_size)
        if (int(one.state_var.counter) >> 62) & 3 in (DESC_COMMITTED, DESC_FINALIZED):
            info = k.at("struct printk_info", infos + index * info_size)
            begin, end = int(one.text_blk_lpos.begin), int(one.text_blk_lpos.next)
            if not begin & 1:
                begin, end = begin % size, end % size
                begin = 0 if begin > end else begin
                raw = k.read(data + begin + 8, min(int(info.text_len), max(0, end - begin - 8)))
                yield int(info.ts_nsec) / 1e9, raw.decode("utf-8", "replace")
        if at & mask == head & mask:
            return
        at += 1


def reports(k):
    """(seconds, text) of the messages that report a fault."""
    return [(when, text) for when, text in records(k) if REPORT.search(text)]
