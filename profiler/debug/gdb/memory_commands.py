# SPDX-License-Identifier: MIT
"""dde-dma, dde-rings, dde-locks, dde-finding."""
import gdb

from . import dma, findings, locks, rings, settings
from .ask import command, no_words


def _dma(kernel, words):
    by_site = "--by-site" in words
    words = [word for word in words if word != "--by-site"]
    answer = dma.dma(kernel, by_site)
    if not words:
        return answer
    address = int(gdb.parse_and_eval(" ".join(words)).cast(gdb.lookup_type("unsigned long")))
    one = dma.mapping_at(kernel, address)
    answer.rows = [row for row in answer.rows if one is not None and row.get("id") == int(one.id)]
    answer.notes = [] if answer.rows else ["no live mapping covers 0x%x" % address]
    answer.empty = "none"
    return answer


command("dde-dma", _dma, """List the live DMA mappings with the driver's call sites.

Usage: dde-dma [--by-site] [--json]
       dde-dma ADDRESS

--by-site sums them up by call site. With an address: the mapping that covers it.""")


def _rings(kernel, words):
    no_words("dde-rings", words)
    return rings.rings(kernel, settings.manifest())


command("dde-rings", _rings, """List the driver's descriptor rings with their indices.

Usage: dde-rings [--json]

They are found by form: members of the driver's private structure whose type is called a ring or a queue.""")


def _locks(kernel, words):
    no_words("dde-locks", words)
    return locks.locks(kernel)


command("dde-locks", _locks, """List the mutexes and rw_semaphores that are held: holder and waiters; tell a deadlock.

Usage: dde-locks [--json]

Found by a search of the kernel's memory, so it works in every build. Semaphores and completions have no owner.""")


def _findings(kernel, words):
    no_words("dde-finding", words)
    return findings.findings(kernel)


command("dde-finding", _findings, """Say what is wrong at this moment, and what the kernel has reported so far.

Usage: dde-finding [--json]

Looks for NAPI contexts that sleep with work left, interrupts that Linux switched off, transmit queues that nobody will
wake, hung threads, deadlocks, timers that lead nowhere, DMA mappings without a driver, lists that do not hang together,
and warnings in the kernel's log.""")
