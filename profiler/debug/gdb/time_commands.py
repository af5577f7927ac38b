# SPDX-License-Identifier: MIT
"""dde-timers, dde-work."""
from . import timers
from .ask import command, no_words


def _timers(kernel, words):
    no_words("dde-timers", words)
    return timers.timers(kernel)


def _work(kernel, words):
    no_words("dde-work", words)
    return timers.work(kernel)


command("dde-timers", _timers, """List the pending timers and high-resolution timers, next first.

Usage: dde-timers [--json]""")

command("dde-work", _work, """List the work items: running, queued, held back (max_active), delayed.

Usage: dde-work [--json]""")
