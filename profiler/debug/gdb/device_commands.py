# SPDX-License-Identifier: MIT
"""dde-devices, dde-irqs, dde-softirq, dde-napi, dde-skb."""
import gdb

from . import devices, irqs, napi, skbs
from .ask import command, no_words


def _plain(name, question):
    def ask(kernel, words):
        no_words(name, words)
        return question(kernel)

    return ask


command("dde-devices", _plain("dde-devices", devices.devices), """List the PCI devices: driver, interrupts, BARs, network interfaces.

Usage: dde-devices [--json]

MASTER says whether the driver has switched on bus mastering: without it the device can do no DMA.""")

command("dde-irqs", _plain("dde-irqs", irqs.irqs), """List the interrupts that are requested: count, handler, thread, state.

Usage: dde-irqs [--json]

STATE tells of lines that are masked, disabled (with the depth of disable_irq), pending, or switched off by Linux because
no handler took them.""")

command("dde-softirq", _plain("dde-softirq", irqs.softirq), """List the softirqs: pending or not, handler, queued tasklets, and ksoftirqd's state.

Usage: dde-softirq [--json]""")

command("dde-napi", _plain("dde-napi", napi.napi), """List the NAPI contexts and say what comes next for each.

Usage: dde-napi [--json]

A context that is scheduled and on the poll list while NET_RX is not raised sleeps with work left: nothing polls it until
the next interrupt.""")


def _skb(kernel, words):
    if not words:
        return skbs.queues(kernel)
    return skbs.skb(kernel, int(gdb.parse_and_eval(" ".join(words)).cast(gdb.lookup_type("unsigned long"))))


command("dde-skb", _skb, """Show the packet queues, or one sk_buff.

Usage: dde-skb [--json]
       dde-skb EXPRESSION [--json]

Without an argument: each transmit queue (packets that wait, bytes in flight, state, time since the last packet) and the
receive queues. With one: the sk_buff that the expression points to.""")
